//! What the program refuses and with which exit code, and that it writes nothing then.

mod answers;
mod conflicts;
mod environment;
mod hints;
