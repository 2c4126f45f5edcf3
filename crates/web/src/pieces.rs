//! An answer that is made while it is sent: at most one piece waits, so that a long one needs no more memory than a
//! short one, and a reader who goes away ends the making.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::Body;
use hyper::body::{Bytes, Frame};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// A piece, or why there will be no more. A reader sees a broken connection then, not a whole file.
pub type Piece = io::Result<Bytes>;

struct Pieces(Receiver<Piece>);

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

/// Where pieces go in, and the body they come out of.
pub fn pieces() -> (Sender<Piece>, Body) {
    let (sender, receiver) = channel(1);
    (sender, Body::new(Pieces(receiver)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pieces_come_out_in_order_and_a_broken_one_breaks_the_answer() {
        let (sender, body) = pieces();
        tokio::spawn(async move {
            sender.send(Ok("one ".into())).await.unwrap();
            sender.send(Ok("two".into())).await.unwrap();
        });
        assert_eq!(axum::body::to_bytes(body, 100).await.unwrap(), "one two");
        let (sender, body) = pieces();
        tokio::spawn(async move {
            sender.send(Ok("one".into())).await.unwrap();
            sender.send(Err(io::Error::other("broken off"))).await.unwrap();
        });
        assert!(axum::body::to_bytes(body, 100).await.is_err());
    }

    #[tokio::test]
    async fn a_reader_who_goes_away_ends_the_making() {
        let (sender, body) = pieces();
        sender.send(Ok("one".into())).await.unwrap();
        assert!(sender.try_send(Ok("two".into())).is_err(), "more than one piece waits");
        drop(body);
        assert!(sender.send(Ok("two".into())).await.is_err());
    }
}
