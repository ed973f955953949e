//! The few pieces of HTML that the page is made of. Text gets into it only through [`escape`].

use crate::ui::{page::Tone, visible};

/// Makes text safe in HTML, in an element and in a quoted attribute: nothing in it is markup, and nothing in it acts on what stands
/// around it.
#[must_use]
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in visible::inline(text).chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(char),
        }
    }
    escaped
}

/// A sentence as HTML: what stands in backticks is code.
#[must_use]
pub(super) fn prose(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(number, part)| match number % 2 {
        0 => escape(part),
        _ => code(part),
    });
    parts.collect()
}

/// A key, an id or a command.
#[must_use]
pub(super) fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
}

#[must_use]
pub(super) fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", prose(text))
}

/// A sentence that matters less than the rest.
#[must_use]
pub(super) fn note(text: &str) -> String {
    format!("<p class=\"quiet\">{}</p>\n", prose(text))
}

/// The sentence that says whether all is well.
#[must_use]
pub(super) fn verdict(text: &str, tone: Tone) -> String {
    let class = match tone {
        Tone::Added => " good",
        Tone::Removed => " bad",
        _ => "",
    };
    format!("<p class=\"verdict{class}\">{}</p>\n", prose(text))
}

/// A part of the page with its heading.
#[must_use]
pub(super) fn section(id: &str, heading: &str, body: &str) -> String {
    format!(
        "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{}</h2>\n{body}</section>\n",
        escape(heading)
    )
}

/// A list of items, which are HTML already.
#[must_use]
pub(super) fn list(element: &str, items: impl Iterator<Item = String>) -> String {
    let items: String = items.map(|item| format!("<li>{item}</li>\n")).collect();
    format!("<{element}>\n{items}</{element}>\n")
}

/// A box in which something wider than the page can be moved, by keyboard too.
#[must_use]
pub(super) fn scroll(label: &str, content: &str) -> String {
    let label = escape(label);
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{label}\">\n{content}</div>\n"
    )
}

/// A table whose first column names the rows.
pub(super) struct Table<'a> {
    pub(super) caption: &'a str,
    pub(super) headings: &'a [String],
    pub(super) rows: &'a [Vec<String>],
    /// How many columns at the end are numbers.
    pub(super) numbers: usize,
}

impl Table<'_> {
    #[must_use]
    pub(super) fn html(&self) -> String {
        let first_number = self.headings.len().saturating_sub(self.numbers);
        let class = |column: usize| match column >= first_number {
            true => " class=\"n\"",
            false => "",
        };
        let class_of = |column: usize, text: &str| match class(column) {
            "" if is_name(text) => " class=\"name\"",
            class => class,
        };
        let headings = self.headings.iter().enumerate();
        let headings: String = headings
            .map(|(at, text)| format!("<th scope=\"col\"{}>{}</th>", class(at), escape(text)))
            .collect();
        let rows: String = self
            .rows
            .iter()
            .map(|cells| {
                let cells = cells.iter().enumerate();
                let cells: String = cells
                    .map(|(at, text)| match at {
                        0 => format!(
                            "<th scope=\"row\"{}>{}</th>",
                            class_of(at, text),
                            escape(text)
                        ),
                        _ => format!("<td{}>{}</td>", class_of(at, text), escape(text)),
                    })
                    .collect();
                format!("<tr>{cells}</tr>\n")
            })
            .collect();
        with_caption(self.caption, &headings, &rows)
    }
}

/// Whether it is the name of a region, an account or the like, which stays in one line.
fn is_name(text: &str) -> bool {
    const LONGEST: usize = 20;
    let plain = |char: char| char.is_ascii_alphanumeric() || char == '-';
    text.len() <= LONGEST && text.contains('-') && text.chars().all(plain)
}

/// A table that says how many there are of each kind.
#[must_use]
pub(super) fn kinds(caption: &str, headings: [&str; 2], kinds: &[(Tone, u64, String)]) -> String {
    let [number, kind] = headings.map(escape);
    let headings =
        format!("<th scope=\"col\" class=\"n\">{number}</th><th scope=\"col\">{kind}</th>");
    let rows: String = kinds
        .iter()
        .map(|(tone, count, text)| {
            let class = match tone {
                Tone::Removed => " class=\"bad\"",
                _ => "",
            };
            let text = escape(text);
            format!("<tr{class}><td class=\"n\">{count}</td><th scope=\"row\">{text}</th></tr>\n")
        })
        .collect();
    with_caption(caption, &headings, &rows)
}

fn with_caption(caption: &str, headings: &str, rows: &str) -> String {
    let table = format!(
        "<table>\n<caption>{}</caption>\n<thead><tr>{headings}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n",
        escape(caption)
    );
    scroll(caption, &table)
}
