//! A request body that must keep a least speed while we wait for it.
//!
//! Only time spent waiting counts: a handler that is busy with what it has does not make the sender slow.

use std::{
    future::Future as _,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

pub(super) struct Paced<B> {
    inner: B,
    window: Duration,
    /// The least a window must bring, in bytes.
    least: u64,
    /// What this window has brought and how long we have waited in it.
    brought: u64,
    waited: Duration,
    /// Runs while we wait: since when, and until the window is full.
    waiting: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl<B> Paced<B> {
    pub(super) fn new(inner: B, window: Duration, bytes_per_second: u64) -> Self {
        let least = u64::try_from(window.as_millis()).unwrap_or(u64::MAX).saturating_mul(bytes_per_second) / 1000;
        Self { inner, window, least, brought: 0, waited: Duration::ZERO, waiting: None }
    }

    /// Ready when the window is over and brought too little.
    fn poll_too_slow(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let left = self.window.saturating_sub(self.waited);
            let (_, timer) = self.waiting.get_or_insert_with(|| (Instant::now(), Box::pin(sleep(left))));
            ready!(timer.as_mut().poll(cx));
            self.waiting = None;
            if self.brought < self.least {
                return Poll::Ready(());
            }
            self.brought = 0;
            self.waited = Duration::ZERO;
        }
    }

    fn stop_waiting(&mut self) {
        if let Some((since, _)) = self.waiting.take() {
            self.waited += since.elapsed();
        }
    }
}

impl<B> Body for Paced<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Ready(next) => {
                self.stop_waiting();
                if let Some(Ok(frame)) = &next {
                    self.brought += frame.data_ref().map_or(0, |data| data.len() as u64);
                }
                Poll::Ready(next.map(|frame| frame.map_err(io::Error::other)))
            }
            Poll::Pending => {
                ready!(self.poll_too_slow(cx));
                Poll::Ready(Some(Err(io::Error::new(io::ErrorKind::TimedOut, "the body came too slowly"))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use tokio::time::advance;

    use super::*;

    /// A body that brings `size` bytes after each `pause`, `times` over, then ends.
    struct Trickle {
        size: usize,
        pause: Duration,
        times: u32,
        timer: Pin<Box<Sleep>>,
    }

    impl Trickle {
        fn new(size: usize, pause: Duration, times: u32) -> Self {
            Self { size, pause, times, timer: Box::pin(sleep(pause)) }
        }
    }

    impl Body for Trickle {
        type Data = Bytes;
        type Error = io::Error;

        fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
            if self.times == 0 {
                return Poll::Ready(None);
            }
            ready!(self.timer.as_mut().poll(cx));
            self.times -= 1;
            self.timer = Box::pin(sleep(self.pause));
            Poll::Ready(Some(Ok(Frame::data(Bytes::from(vec![0; self.size])))))
        }
    }

    const WINDOW: Duration = Duration::from_secs(30);

    async fn read(body: Trickle) -> Result<usize, io::ErrorKind> {
        let whole = Paced::new(body, WINDOW, 1024).collect().await;
        whole.map(|whole| whole.to_bytes().len()).map_err(|error| error.kind())
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_at_the_least_speed_passes_however_long_it_takes() {
        assert_eq!(read(Trickle::new(2048, Duration::from_secs(1), 600)).await, Ok(2048 * 600));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_of_one_byte_a_second_is_cut_after_one_window() {
        let began = Instant::now();
        assert_eq!(read(Trickle::new(1, Duration::from_secs(1), 600)).await, Err(io::ErrorKind::TimedOut));
        assert!(began.elapsed() <= WINDOW + Duration::from_secs(2), "{:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_fast_start_does_not_buy_a_slow_rest() {
        let mut body = Paced::new(Trickle::new(1 << 20, Duration::from_secs(20), 9), WINDOW, 1024);
        assert!(body.frame().await.unwrap().is_ok());
        body.inner = Trickle::new(1, Duration::from_secs(5), 600);
        assert_eq!(body.collect().await.map(|_| ()).map_err(|error| error.kind()), Err(io::ErrorKind::TimedOut));
    }

    #[tokio::test(start_paused = true)]
    async fn time_the_handler_takes_for_itself_does_not_count() {
        let mut body = Paced::new(Trickle::new(10, Duration::from_secs(1), 3), WINDOW, 1024);
        for _ in 0..3 {
            assert!(body.frame().await.unwrap().is_ok());
            advance(Duration::from_secs(100)).await;
        }
        assert!(body.frame().await.is_none());
    }
}
