//! The bounded queue between callers and the store's threads.
//!
//! It never waits for room: a caller who finds it full is told so at once, and so learns that nothing was stored.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::StoreError;

pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    came: Condvar,
    limit: usize,
}

struct State<T> {
    waiting: VecDeque<T>,
    open: bool,
}

impl<T> Queue<T> {
    pub(super) const fn new(limit: usize) -> Self {
        Self { state: Mutex::new(State { waiting: VecDeque::new(), open: true }), came: Condvar::new(), limit }
    }

    pub(super) fn push(&self, item: T) -> Result<(), StoreError> {
        let mut state = self.state();
        if !state.open {
            return Err(StoreError::Stopped);
        }
        if state.waiting.len() >= self.limit {
            return Err(StoreError::Busy);
        }
        state.waiting.push_back(item);
        drop(state);
        self.came.notify_one();
        Ok(())
    }

    /// Waits for work and takes what is there, at most `most`. `None` once the queue is closed and empty.
    pub(super) fn take(&self, most: usize) -> Option<VecDeque<T>> {
        let mut state = self.state();
        loop {
            if !state.waiting.is_empty() {
                let count = most.min(state.waiting.len());
                return Some(state.waiting.drain(..count).collect());
            }
            if !state.open {
                return None;
            }
            state = self.came.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes no more work; what waits is still done.
    pub(super) fn close(&self) {
        self.state().open = false;
        self.came.notify_all();
    }

    /// Takes no more work and gives back what waits.
    pub(super) fn abandon(&self) -> VecDeque<T> {
        self.close();
        std::mem::take(&mut self.state().waiting)
    }

    pub(super) fn is_open(&self) -> bool {
        self.state().open
    }

    pub(super) fn len(&self) -> usize {
        self.state().waiting.len()
    }

    // No code that can panic runs under this lock, so a poisoned state is still whole.
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_refuses_at_once() {
        let queue = Queue::new(2);
        assert_eq!((queue.push(1), queue.push(2), queue.push(3)), (Ok(()), Ok(()), Err(StoreError::Busy)));
    }

    #[test]
    fn a_closed_queue_hands_out_what_waits_and_then_ends() {
        let queue = Queue::new(4);
        queue.push(1).unwrap();
        queue.push(2).unwrap();
        queue.close();
        assert_eq!(queue.push(3), Err(StoreError::Stopped));
        assert_eq!(queue.take(1), Some(VecDeque::from([1])));
        assert_eq!(queue.take(9), Some(VecDeque::from([2])));
        assert_eq!(queue.take(9), None);
    }
}
