//! Yes or no on a terminal, and how an answer stays on the screen.

use console::{Key, Term, measure_text_width};

use super::{
    Answered, broken, columns,
    drawn::Drawn,
    keys::{Event, Keys},
    look,
};
use crate::ui::{
    Result,
    layout::{cut, wrap_to},
    rows, t,
};

/// Asks for yes or no. `y` and `n` choose, Enter goes on, and Esc goes back.
pub(super) fn confirm(question: &str, default: bool) -> Result<Answered<bool>> {
    let term = Term::stderr();
    let chosen = choose(&term, question, default).map_err(broken)?;
    if let Some(yes) = chosen {
        report_choice(&term, question, &yes_or_no(yes))?;
    }
    Ok(chosen)
}

fn choose(term: &Term, question: &str, default: bool) -> std::io::Result<Answered<bool>> {
    let mut keys = Keys::of(term);
    let mut drawn = Drawn::on(term);
    let mut yes = default;
    loop {
        let choices = if default { "Y/n" } else { "y/N" };
        let text = format!("? {question} ({choices}) › {}", yes_or_no(yes));
        let text = wrap_to(&text, columns(term), 2);
        drawn.draw(look::question(&text), "")?;
        let event = keys.wait();
        drawn.clear()?;
        let Event::Key(key) = event? else {
            continue;
        };
        match key {
            Key::Char('y' | 'Y') => yes = true,
            Key::Char('n' | 'N') => yes = false,
            Key::ArrowLeft | Key::ArrowRight | Key::ArrowUp | Key::ArrowDown | Key::Tab => {
                yes = !yes;
            }
            Key::Enter => return Ok(Some(yes)),
            Key::Escape => return Ok(None),
            _ => {}
        }
    }
}

fn yes_or_no(yes: bool) -> String {
    if yes {
        t!("answer-yes")
    } else {
        t!("answer-no")
    }
}

/// Prints the question with its answer, as it stays on the screen.
pub(super) fn report(term: &Term, question: &str, answer: &str) -> Result<()> {
    let text = format!("✔ {question} · {answer}");
    print(term, &wrap_to(&text, columns(term), 2))
}

/// The same in one line, for an answer that was there to be chosen: what is too long is cut.
pub(super) fn report_choice(term: &Term, question: &str, answer: &str) -> Result<()> {
    print(term, &one_line(columns(term), question, answer))
}

fn one_line(width: usize, question: &str, answer: &str) -> String {
    // The mark, and what stands between question and answer.
    const MARKS: usize = 5;
    let room = width.saturating_sub(MARKS);
    let first = question.split_inclusive(['?', '？']).next();
    let first = first.unwrap_or(question);
    let (asked, answered) = (measure_text_width(first), measure_text_width(answer));
    let asked = if measure_text_width(question) + answered <= room {
        question.to_owned()
    } else if asked + answered <= room {
        first.to_owned()
    } else {
        cut(first, room.saturating_sub(answered).max(room / 2))
    };
    let left = room.saturating_sub(measure_text_width(&asked));
    format!("✔ {asked} · {}", cut(answer, left))
}

fn print(term: &Term, text: &str) -> Result<()> {
    rows::count(text);
    term.write_line(&look::answered(text)).map_err(broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_stays_in_one_line_with_as_much_of_the_question_as_fits() {
        let question = "Which trail? If it already notifies a topic, nothing of yours is changed.";
        let line = |width| one_line(width, question, "theirs");
        assert_eq!(line(100), format!("✔ {question} · theirs"));
        assert_eq!(line(40), "✔ Which trail? · theirs");
        let question = "Create new resources, or use existing ones?";
        let answer = "Existing resources: a trail or bucket that already exists";
        let line = |width| one_line(width, question, answer);
        assert_eq!(
            line(80),
            "✔ Create new resources, or use… · Existing resources: a trail or bucket that…"
        );
        assert_eq!(line(40), "✔ Create new… · Existing resources: a…");
        for width in 12..120 {
            assert!(measure_text_width(&line(width)) <= width, "{width}");
        }
    }
}
