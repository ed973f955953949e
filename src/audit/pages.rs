//! A list that comes in pages. The next page is asked for while the present one is read, and never more than that one.

use std::{
    future::poll_fn,
    task::{Context, Poll},
};

use futures::{FutureExt, future::LocalBoxFuture};

use crate::ui::Result;

/// A page on its way.
pub(super) type Asked<'a, T> = LocalBoxFuture<'a, Result<Page<T>>>;

/// A page of a list.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    /// Where the next page begins, in the words of whoever has the list; `None` if this is the last page.
    pub(super) next: Option<String>,
}

/// A list that comes in pages.
pub(super) struct Pages<'a, T> {
    ask: Box<dyn Fn(String) -> Asked<'a, T> + 'a>,
    asked: Option<Asked<'a, T>>,
    ahead: Option<Page<T>>,
    present: std::vec::IntoIter<T>,
    calls: u64,
}

impl<'a, T> Pages<'a, T> {
    /// `ask` asks for the page that begins there.
    pub(super) fn new(first: String, ask: impl Fn(String) -> Asked<'a, T> + 'a) -> Self {
        Self {
            asked: Some(ask(first)),
            ask: Box::new(ask),
            ahead: None,
            present: Vec::new().into_iter(),
            calls: 1,
        }
    }

    /// How many pages were asked for.
    pub(super) fn calls(&self) -> u64 {
        self.calls
    }

    /// Whether nothing more will come.
    pub(super) fn is_over(&self) -> bool {
        self.present.len() == 0 && self.ahead.is_none() && self.asked.is_none()
    }

    /// Returns the next item, waiting for its page if need be.
    pub(super) async fn next(&mut self) -> Result<Option<T>> {
        poll_fn(|cx| self.poll_ready(cx)).await?;
        Ok(self.pop())
    }

    /// Returns the next item of the present page.
    pub(super) fn pop(&mut self) -> Option<T> {
        self.present.next()
    }

    /// Waits until the present page has an item or the list is over, and keeps the next page coming.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        loop {
            if let Some(asked) = &mut self.asked
                && let Poll::Ready(page) = asked.poll_unpin(cx)
            {
                self.asked = None;
                self.ahead = Some(page?);
            }
            if self.present.len() > 0 {
                return Poll::Ready(Ok(()));
            }
            match self.ahead.take() {
                // The request for the page behind it begins when it is polled, in the next round.
                Some(page) => {
                    self.present = page.items.into_iter();
                    self.asked = page.next.map(|next| (self.ask)(next));
                    self.calls += u64::from(self.asked.is_some());
                }
                None if self.asked.is_none() => return Poll::Ready(Ok(())),
                None => return Poll::Pending,
            }
        }
    }
}

/// Waits until both lists have an item or are over. Their pages come at the same time.
pub(super) async fn both<A, B>(one: &mut Pages<'_, A>, other: &mut Pages<'_, B>) -> Result<()> {
    poll_fn(|cx| -> Poll<Result<()>> {
        let one = one.poll_ready(cx)?;
        let other = other.poll_ready(cx)?;
        if one.is_ready() && other.is_ready() {
            Poll::Ready(Ok(()))
        } else {
            Poll::Pending
        }
    })
    .await
}
