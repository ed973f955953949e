//! Central from the test's side: as the tenant may call it, and with the sandbox's own switches.

use serde_json::{Value, json};

use super::{
    World, blocking, http,
    sandbox::{control, sandbox},
};

impl World {
    /// Reads a path of Central as this tenant.
    pub fn central(&self, path: &str) -> Value {
        self.central_call("GET", path, None, &Value::Null).1
    }

    /// Changes a connection in Central, as its owner may.
    pub fn patch(&self, id: &str, change: &Value) {
        let path = format!("/cloud-integrations/v1/aws-cloudtrail/connections/{id}");
        let (etag, _) = self.central_call("GET", &path, None, &Value::Null);
        self.central_call("PATCH", &path, etag, change);
    }

    /// Saves a connection in Central, as anyone with the tenant's credentials may. An existing connection stays as it is.
    pub fn put_connection(&self, id: &str, new: &Value) {
        let base = &sandbox().central;
        let path = format!("/cloud-integrations/v1/aws-cloudtrail/connections/{id}");
        blocking(async {
            let put = http()
                .put(format!("{base}{path}"))
                .bearer_auth(self.token().await)
                .header("X-Tenant-ID", self.tenant["id"].as_str().expect("an id"))
                .header("If-None-Match", "*");
            put.json(new).send().await.expect("Central answers");
        });
    }

    /// Overwrites fields of a connection in Central, so that Central lies about it.
    pub fn rewrite(&self, id: &str, fields: &Value) {
        control("PUT", &format!("/_sandbox/connections/{id}"), fields);
    }

    /// Lets Central forget a connection, as if nobody had ever saved it. What it has in AWS stays, as if a stack had made it.
    pub fn unmake(&self, id: &str) {
        let path = format!("/_sandbox/connections/{id}");
        control("DELETE", &path, &Value::Null);
    }

    pub fn end_license(&self, date: &str) {
        let tenant = self.tenant["id"].as_str().expect("an id");
        control(
            "PUT",
            &format!("/_sandbox/tenants/{tenant}/license"),
            &json!({ "ends": date }),
        );
    }

    /// Calls Central as this tenant and returns the answer's ETag and body.
    fn central_call(
        &self,
        method: &str,
        path: &str,
        if_match: Option<String>,
        body: &Value,
    ) -> (Option<String>, Value) {
        let base = &sandbox().central;
        blocking(async {
            let method = method.parse().expect("a method");
            let mut request = http()
                .request(method, format!("{base}{path}"))
                .bearer_auth(self.token().await)
                .header("X-Tenant-ID", self.tenant["id"].as_str().expect("an id"));
            if let Some(etag) = if_match {
                request = request.header("If-Match", etag).json(body);
            }
            let answer = request.send().await.expect("Central answers");
            assert!(answer.status().is_success(), "{}", answer.status());
            let etag = answer.headers().get("etag");
            let etag = etag.map(|etag| etag.to_str().expect("text").to_owned());
            (etag, answer.json().await.expect("JSON"))
        })
    }

    /// A token of the tenant.
    async fn token(&self) -> String {
        let field = |name: &str| self.tenant[name].as_str().expect("a text");
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", field("clientId")),
            ("client_secret", field("clientSecret")),
            ("scope", "token"),
        ];
        let token = http().post(format!("{}/api/v2/oauth2/token", sandbox().central));
        let token = token.form(&form).send().await.expect("Central answers");
        let token: Value = token.json().await.expect("a token");
        token["access_token"].as_str().expect("a token").to_owned()
    }
}
