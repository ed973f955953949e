//! From rows to members: which columns there are, and what fits into them.

use super::{Complaint, Field, Record};
use crate::{
    answers::{Answers, Any, Entry, Flags, Origin, Shape},
    commands::{fleet::member::Member, session},
    connection::{AccountId, Arn, names::RoleArn},
    ui::t,
};

/// The column of the answer `--role`: `role` is the role to assume.
const FUNCTION_ROLE: &str = "function-role";

/// Answers that other columns give, or that are no answers of one account.
const NO_COLUMNS: [&str; 6] = [
    "account",
    "role",
    "expect-account",
    "expect-tenant",
    "answers",
    "save-answers",
];

/// Stands for an account that cannot be read.
const NO_ACCOUNT: &str = "000000000000";

/// Session tags that AWS takes at most, and their longest key and value (IAM user guide, "Pass session tags in AWS STS").
const TAGS: usize = 50;
const KEY: usize = 128;
const VALUE: usize = 256;

/// Returns the members, or everything that does not fit.
pub(super) fn members(
    records: &[Record],
    common: &Flags,
    variable: &impl Fn(&str) -> Option<String>,
) -> Result<Vec<Member>, Vec<Complaint>> {
    let mut complaints = Vec::new();
    let mut members: Vec<Member> = Vec::new();
    for record in records {
        let member = Row::new(&mut complaints).member(record, common, variable);
        let Some(member) = member else {
            continue;
        };
        // Names are compared as Central does, within their tenant.
        let mut others = members.iter();
        let other = others.find(|one| one.name == member.name && one.tenant == member.tenant);
        if let Some(other) = other {
            let complaint = t!("fleet-name-twice", name = member.name, line = other.line);
            complaints.push(Complaint::of(record.line, "name", &complaint));
        }
        members.push(member);
    }
    if records.is_empty() {
        complaints.push(Complaint::new(1, t!("fleet-empty")));
    }
    if complaints.is_empty() {
        Ok(members)
    } else {
        Err(complaints)
    }
}

/// Reads one row.
struct Row<'a> {
    complaints: &'a mut Vec<Complaint>,
    answers: Answers,
    given: Flags,
}

impl<'a> Row<'a> {
    fn new(complaints: &'a mut Vec<Complaint>) -> Self {
        Self {
            complaints,
            answers: Answers::default(),
            given: Flags::new(),
        }
    }

    /// Returns the member of a row; `None` if its account, its tenant or its name cannot be read, so that it can be compared with no
    /// other row. Its other columns are looked at all the same.
    fn member(
        &mut self,
        record: &Record,
        common: &Flags,
        variable: &impl Fn(&str) -> Option<String>,
    ) -> Option<Member> {
        let read = self.account(record);
        let account = read.clone();
        let account = account.unwrap_or_else(|| NO_ACCOUNT.parse().expect("12 digits"));
        let mut member = Member {
            line: record.line,
            name: session::default_name(&account, None),
            account,
            role: None,
            external_id: None,
            session_tags: Vec::new(),
            region: None,
            tenant: None,
            answers: Flags::new(),
        };
        // A role is one of its account.
        let fields = record.fields.iter();
        let fields = fields.filter(|field| read.is_some() || field.column != "role");
        let mut known = read.is_some();
        for field in fields {
            if let Err(text) = self.take(&mut member, field) {
                known &= !["tenant", "name"].contains(&field.column.as_str());
                // A column that there is not is named once, not in each row.
                let is_column = text == t!("fleet-no-column");
                let line = if is_column { field.heading } else { field.line };
                let complaint = Complaint::of(line, &field.column, &text);
                let mut said = self.complaints.iter();
                if !(is_column && said.any(|one| one.text == complaint.text)) {
                    self.complaints.push(complaint);
                }
            }
        }
        self.fits_together(record.line, common, variable);
        member.answers = std::mem::take(&mut self.given);
        known.then_some(member)
    }

    fn account(&mut self, record: &Record) -> Option<AccountId> {
        let mut fields = record.fields.iter();
        let field = fields.find(|field| field.column == "account");
        let (line, read) = match field {
            Some(field) => (field.line, one(field).and_then(str::parse::<AccountId>)),
            None => (record.line, Err(t!("fleet-no-account"))),
        };
        let complain = |text: String| Complaint::of(line, "account", &text);
        read.map_err(|text| self.complaints.push(complain(text)))
            .ok()
    }

    /// Takes what stands in one column.
    fn take(&mut self, member: &mut Member, field: &Field) -> Result<(), String> {
        match field.column.as_str() {
            "account" => {}
            "role" => member.role = Some(role(one(field)?, &member.account)?),
            "external-id" => member.external_id = Some(external_id(one(field)?)?),
            "session-tags" => member.session_tags = session_tags(&field.texts)?,
            "region" => member.region = Some(one(field)?.parse()?),
            "tenant" => {
                // It has the form of the answer.
                let text = one(field)?;
                self.answers.expect_tenant.answer(text, Origin::Flag)?;
                member.tenant = Some(text.to_owned());
            }
            "name" => member.name = one(field)?.parse()?,
            FUNCTION_ROLE => self.answer("role", &field.texts)?,
            column if NO_COLUMNS.contains(&column) => return Err(t!("fleet-no-column")),
            column => self.answer(column, &field.texts)?,
        }
        Ok(())
    }

    /// Takes an answer by the name of its flag.
    fn answer(&mut self, key: &str, texts: &[String]) -> Result<(), String> {
        let mut known = self.answers.each_mut();
        let Some((entry, answer)) = known.find(|(entry, _)| entry.key == key) else {
            return Err(t!("fleet-no-column"));
        };
        answer.parse(texts, Origin::Flag)?;
        let texts = match (entry.shape, answer.to_json()) {
            (Shape::Flag, Some(value)) => vec![value.to_string()],
            _ => texts.to_vec(),
        };
        self.given.insert(entry.key, texts);
        Ok(())
    }

    /// Checks the answers of the row with those that hold for all accounts. Those of an answers file are left to each account's own
    /// plan.
    fn fits_together(
        &mut self,
        line: usize,
        common: &Flags,
        variable: &impl Fn(&str) -> Option<String>,
    ) {
        let of_all = |entry: &Entry| {
            let named = || {
                Some(vec![
                    variable(&entry.variable()).filter(|text| !text.is_empty())?,
                ])
            };
            common.get(entry.key).cloned().or_else(named)
        };
        let mut all = self.answers.clone();
        for (entry, answer) in all.each_mut() {
            if let Some(texts) = of_all(entry).filter(|_| !answer.is_given()) {
                // What does not fit by itself is the command line's fault, not the row's.
                let _ = answer.parse(&texts, Origin::Flag);
            }
        }
        if all.answers.is_given() {
            return;
        }
        if let Err(failure) = all.fit_together() {
            self.complaints.push(Complaint::new(line, failure.message));
        }
    }
}

/// The only text of a field.
fn one(field: &Field) -> Result<&str, String> {
    match &field.texts[..] {
        [text] => Ok(text),
        _ => Err(t!("fleet-one-text")),
    }
}

/// Checks a role, and puts the account in where it says so.
fn role(text: &str, account: &AccountId) -> Result<String, String> {
    let role = text.replace("{account}", account.as_str());
    let arn = match role.starts_with("arn:") {
        true => role.clone(),
        false => format!("arn:aws:iam::{account}:role/{role}"),
    };
    arn.parse::<RoleArn>()?;
    let parsed: Arn = arn.parse()?;
    if parsed.account != account.as_str() {
        return Err(t!("fleet-role-elsewhere", account = parsed.account));
    }
    Ok(role)
}

/// Checks an external id (STS API reference, `AssumeRole`, `ExternalId`).
fn external_id(text: &str) -> Result<String, String> {
    let fits = |char: char| char.is_ascii_alphanumeric() || "_+=,.@:/-".contains(char);
    if (2..=1224).contains(&text.len()) && text.chars().all(fits) {
        Ok(text.to_owned())
    } else {
        Err(t!("fleet-external-id"))
    }
}

/// Reads session tags: `KEY=VALUE`, separated by commas.
fn session_tags(texts: &[String]) -> Result<Vec<(String, String)>, String> {
    let mut tags: Vec<(String, String)> = Vec::new();
    for text in texts.iter().flat_map(|text| text.split(',')) {
        let invalid = || t!("fleet-session-tag", value = text);
        let (key, value) = text.split_once('=').ok_or_else(invalid)?;
        let (key, value) = (key.trim(), value.trim());
        let (length, room) = (key.chars().count(), value.chars().count() <= VALUE);
        // AWS tells keys that differ in case alone not apart.
        let twice = tags.iter().any(|(one, _)| one.eq_ignore_ascii_case(key));
        if !(1..=KEY).contains(&length) || !room || twice {
            return Err(invalid());
        }
        tags.push((key.to_owned(), value.to_owned()));
    }
    match tags.len() {
        ..=TAGS => Ok(tags),
        _ => Err(t!("fleet-session-tags", most = TAGS)),
    }
}
