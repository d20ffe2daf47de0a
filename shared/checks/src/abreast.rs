//! Several at a time, told in their order.

use std::{
    num::NonZero,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

/// How many checks run at a time. They wait for most of it: for an app, a store, an
/// expiry.
pub(crate) fn threads() -> usize {
    2 * thread::available_parallelism().map_or(1, NonZero::get)
}

/// Does this with each of them, on several threads, and tells of each in their order.
pub(crate) fn in_order<T: Sync, R: Send>(
    all: &[T],
    work: impl Fn(&T) -> R + Sync,
    mut tell: impl FnMut(&T, R),
) {
    let next = AtomicUsize::new(0);
    let (sender, results) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads() {
            let (next, work, sender) = (&next, &work, sender.clone());
            scope.spawn(move || {
                while let Some((nth, one)) = take(all, next) {
                    let _ = sender.send((nth, work(one)));
                }
            });
        }
        drop(sender);
        let mut done: Vec<Option<R>> = all.iter().map(|_| None).collect();
        let mut told = 0;
        for (nth, result) in results {
            done[nth] = Some(result);
            while let Some(result) = done.get_mut(told).and_then(Option::take) {
                tell(&all[told], result);
                told += 1;
            }
        }
    });
}

fn take<'a, T>(all: &'a [T], next: &AtomicUsize) -> Option<(usize, &'a T)> {
    let nth = next.fetch_add(1, Ordering::Relaxed);
    Some((nth, all.get(nth)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// The first ends last: the others wait to be told of.
    #[test]
    fn they_are_told_in_their_order_whichever_ends_first() {
        let (sender, receiver) = mpsc::channel();
        let last_has_ended = Mutex::new(receiver);
        let all: Vec<usize> = (0..20).collect();
        let work = |nth: &usize| {
            match nth {
                0 => last_has_ended.lock().unwrap().recv().unwrap(),
                19 => sender.send(()).unwrap(),
                _ => {}
            }
            nth * nth
        };
        let mut told = Vec::new();
        in_order(&all, work, |nth, square| told.push((*nth, square)));
        let expected: Vec<_> = all.iter().map(|nth| (*nth, nth * nth)).collect();
        assert_eq!(told, expected);
    }
}
