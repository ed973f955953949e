//! Runs the program on a real terminal. Tests read its output from the screen and type its input on the keyboard.

use std::{
    io::{Read, Write},
    num::NonZero,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::World;

/// The size of a terminal, in characters.
#[derive(Clone, Copy)]
pub struct Size {
    pub rows: u16,
    pub columns: u16,
}

impl Size {
    fn of_pty(self) -> PtySize {
        PtySize {
            rows: self.rows,
            cols: self.columns,
            pixel_width: 0,
            pixel_height: 0,
        }
    }

    /// An empty screen.
    fn empty(self) -> vt100::Parser {
        let rows = NonZero::new(self.rows).expect("some rows");
        let columns = NonZero::new(self.columns).expect("some columns");
        vt100::Parser::new(rows, columns, 1000)
    }
}

/// Wide enough for every line, unless a test is about the width.
const WIDE: Size = Size {
    rows: 60,
    columns: 200,
};

/// Marks a row whose line is longer than the terminal.
pub const TOO_LONG: char = '↩';

/// A terminal with one program in it.
pub struct Terminal {
    screen: Arc<Mutex<vt100::Parser>>,
    keyboard: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    /// Closed when the program's output has been read to its end.
    output: std::sync::mpsc::Receiver<()>,
    master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// Runs this shell command, in which `"$@"` is the program with `arguments`.
    pub fn run(world: &World, shell: &str, arguments: &[&str]) -> Self {
        Self::of(&world.command(arguments), shell)
    }

    /// The same for a command that is already prepared.
    pub fn of(program: &std::process::Command, shell: &str) -> Self {
        Self::sized(program, shell, WIDE)
    }

    /// The same on a terminal of another size.
    pub fn sized(program: &std::process::Command, shell: &str, size: Size) -> Self {
        let pair = native_pty_system()
            .openpty(size.of_pty())
            .expect("a terminal");
        let mut command = CommandBuilder::new("sh");
        command.args(["-c", shell, "sh"]);
        command.arg(program.get_program());
        command.args(program.get_args());
        command.env_clear();
        for (name, value) in program.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        command.env("TERM", "xterm-256color");
        command.cwd(program.get_current_dir().expect("a folder"));
        let child = pair
            .slave
            .spawn_command(command)
            .expect("the program starts");
        drop(pair.slave);
        let screen = Arc::new(Mutex::new(size.empty()));
        let mut output = pair.master.try_clone_reader().expect("its output");
        let shown = Arc::clone(&screen);
        let (reading, read) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let _reading: std::sync::mpsc::Sender<()> = reading;
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                shown
                    .lock()
                    .expect("nobody panics")
                    .process(&bytes[..count]);
            }
        });
        Self {
            screen,
            keyboard: pair.master.take_writer().expect("its keyboard"),
            child,
            output: read,
            master: pair.master,
        }
    }

    /// Makes the terminal wider or narrower. As on most terminals, a line goes on in the next row where it has become too long, and
    /// lines that the program has ended stay apart. The cursor must stand at the start of a line.
    pub fn resize(&mut self, columns: u16) {
        let mut parser = self.screen.lock().expect("nobody panics");
        let screen = parser.screen();
        let (row, column) = screen.cursor_position();
        assert_eq!(column, 0, "the cursor is in a line");
        let mut text = screen.contents();
        let ended = (0..row).filter(|row| !screen.row_wrapped(*row)).count();
        let blank = ended - text.matches('\n').count();
        text.push_str(&"\n".repeat(blank));
        if screen.hide_cursor() {
            text.push_str("\x1b[?25l");
        }
        let rows = screen.size().0.get();
        let size = Size { rows, columns };
        *parser = size.empty();
        parser.process(text.replace('\n', "\r\n").as_bytes());
        self.master.resize(size.of_pty()).expect("another size");
    }

    pub fn screen(&self) -> String {
        self.screen
            .lock()
            .expect("nobody panics")
            .screen()
            .contents()
    }

    /// The screen's rows as they stand. A row that goes on in the next one, because its line is longer than the terminal, ends
    /// with [`TOO_LONG`]. Blanks with which a line is filled up to the terminal's edge do not count.
    pub fn rows(&self) -> String {
        let parser = self.screen.lock().expect("nobody panics");
        let screen = parser.screen();
        let rows = screen.rows(0, screen.size().1.get()).zip(0..);
        let rows = rows.map(
            |(text, row)| match screen.row_wrapped(row) && !text.ends_with(' ') {
                true => format!("{text}{TOO_LONG}"),
                false => text.trim_end().to_owned(),
            },
        );
        let rows: Vec<String> = rows.collect();
        rows.join("\n").trim_end().to_owned()
    }

    /// Whether the program shows the terminal's other screen, which leaves nothing behind.
    pub fn is_on_other_screen(&self) -> bool {
        let parser = self.screen.lock().expect("nobody panics");
        parser.screen().alternate_screen()
    }

    pub fn cursor_is_shown(&self) -> bool {
        !self
            .screen
            .lock()
            .expect("nobody panics")
            .screen()
            .hide_cursor()
    }

    /// Waits until one of the last four lines that are not empty contains the question, then types.
    #[track_caller]
    pub fn answer(&mut self, question: &str, keys: &str) {
        // A menu is shown below its question, so the question need not be in the last line.
        self.type_at(question, keys, 4);
    }

    /// The same for a long menu: the text may be anywhere on the screen.
    #[track_caller]
    pub fn answer_list(&mut self, text: &str, keys: &str) {
        self.type_at(text, keys, usize::MAX);
    }

    #[track_caller]
    fn type_at(&mut self, question: &str, keys: &str, lines: usize) {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let screen = self.screen();
            let last: Vec<&str> = screen
                .lines()
                .rev()
                .filter(|line| !line.trim().is_empty())
                .take(lines)
                .collect();
            if last.iter().any(|line| line.contains(question)) {
                break;
            }
            assert!(Instant::now() < end, "no {question:?} on:\n{screen}");
            std::thread::sleep(Duration::from_millis(20));
        }
        self.keyboard.write_all(keys.as_bytes()).expect("it reads");
        self.keyboard.flush().expect("it reads");
    }

    /// Waits until the program has ended and its whole output is on the screen, and returns the exit code.
    pub fn end(&mut self) -> u32 {
        let end = Instant::now() + Duration::from_secs(120);
        let code = loop {
            if let Some(status) = self.child.try_wait().expect("it runs") {
                break status.exit_code();
            }
            if Instant::now() > end {
                let _ = self.child.kill();
                panic!("it does not end:\n{}", self.screen());
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        // What the program has left running may hold the terminal open.
        let _ = self.output.recv_timeout(Duration::from_secs(10));
        code
    }
}
