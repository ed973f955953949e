//! What AWS shows of a function only to those who may see it. The emulator shows all of it to whoever may read the function.

use axum::{extract::Request, http::Method, response::Response};
use serde_json::Value;

use super::{
    corrections::{reworded, whole},
    passage::Gateway,
};
/// Whether a request is Lambda's GetFunction (Lambda API Reference).
pub(super) fn is_read(request: &Request) -> bool {
    let name = request.uri().path().strip_prefix("/2015-03-31/functions/");
    let name = name.map(|name| name.trim_end_matches('/'));
    let is_one = name.is_some_and(|name| !name.is_empty() && !name.contains('/'));
    request.method() == Method::GET && is_one
}

impl Gateway {
    /// Answers GetFunction. Lambda returns tags only to those who have explicit permission for `lambda:ListTags` (Lambda API Reference,
    /// GetFunction, "Tags").
    pub(super) async fn function(&self, request: Request) -> Response {
        let headers = request.headers().clone();
        let answer = self.pass(request).await;
        if !answer.status().is_success() {
            return answer;
        }
        let (parts, text) = whole(answer).await;
        let mut function: Value = serde_json::from_str(&text).unwrap_or_default();
        let arn = function["Configuration"]["FunctionArn"].as_str();
        let arn = arn.unwrap_or_default().to_owned();
        let has_tags = function.get("Tags").is_some();
        if !has_tags || self.may(&headers, "lambda:ListTags", &arn).await {
            return reworded(parts, text);
        }
        if let Some(fields) = function.as_object_mut() {
            fields.remove("Tags");
        }
        reworded(parts, function.to_string())
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http};

    use super::*;

    #[test]
    fn one_function_is_read_by_its_name_or_arn() {
        let read = |method: &str, path: &str| {
            let request = http::Request::builder().method(method).uri(path);
            is_read(&request.body(Body::empty()).unwrap())
        };
        let functions = "/2015-03-31/functions/";
        assert!(read("GET", &format!("{functions}demo")));
        let arn = "arn%3Aaws%3Alambda%3Aeu-west-1%3A111122223333%3Afunction%3Ademo";
        assert!(read("GET", &format!("{functions}{arn}?Qualifier=1")));
        for (method, path) in [
            ("GET", functions.to_owned()),
            ("GET", format!("{functions}demo/policy")),
            ("DELETE", format!("{functions}demo")),
            ("GET", "/2017-03-31/tags/demo".to_owned()),
        ] {
            assert!(!read(method, &path), "{method} {path}");
        }
    }
}
