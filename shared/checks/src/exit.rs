//! How a process ended, with the questions that checks ask about it.

use crate::verdict::{Verdict, expect};

/// How a process ended.
#[derive(Debug, Clone)]
pub struct Exit {
    /// `None` when a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Exit {
    pub fn expect_code(&self, code: i32) -> Verdict {
        let observed = match self.code {
            Some(code) => format!("exit code {code}; stderr: {}", self.stderr),
            None => format!("ended by a signal; stderr: {}", self.stderr),
        };
        expect(
            self.code == Some(code),
            &format!("exit code {code}"),
            observed,
        )
    }

    /// One line on stderr that holds each of `words`, nothing on stdout, and
    /// exit code 1.
    pub fn expect_refusal(&self, words: &[&str]) -> Verdict {
        self.expect_code(1)?;
        let one_line = self.stderr.lines().count() == 1;
        let observed = format!("stderr: {}", self.stderr);
        expect(one_line, "one line on stderr", observed.as_str())?;
        expect(
            self.stdout.is_empty(),
            "nothing on stdout",
            self.stdout.as_str(),
        )?;
        for word in words {
            let promise = format!("a line that says `{word}`");
            expect(self.stderr.contains(word), &promise, observed.as_str())?;
        }
        Ok(())
    }

    pub fn expect_silence_about(&self, secret: &str) -> Verdict {
        let told = self.stderr.contains(secret) || self.stdout.contains(secret);
        let promise = format!("no word about `{secret}`");
        expect(
            !told,
            &promise,
            format!("stdout: {}\nstderr: {}", self.stdout, self.stderr),
        )
    }
}
