//! The accept loop: who may connect, and how long anyone may take.
//!
//! We run it ourselves because the server that comes with the router sets no timer, and without one a single client
//! that never finishes its request head holds a connection for ever.

mod paced;
mod stalling;

use std::{convert::Infallible, future::Future, io, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Request, Response},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    signal::unix::{SignalKind, signal},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
};
use tower::ServiceExt as _;

use paced::Paced;
use stalling::Stalling;

/// How many may connect and how long they may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For a whole request head; also how long a connection may idle between two requests.
    pub header: Duration,
    /// The stretch of waiting for a body over which its speed is judged.
    pub body_window: Duration,
    /// The least a body must bring in that stretch, on average, in bytes a second.
    pub body_bytes_per_second: u64,
    /// How long a client may take nothing of an answer.
    pub write_stall: Duration,
    /// Connections at one time; more wait in the system's queue.
    pub connections: usize,
    /// How long requests under way may go on after the stop signal.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header: Duration::from_secs(10),
            body_window: Duration::from_secs(30),
            body_bytes_per_second: 1024,
            write_stall: Duration::from_secs(30),
            connections: 2048,
            grace: Duration::from_secs(20),
        }
    }
}

/// Serves until `shutdown` is ready, then lets requests under way finish within the grace time.
///
/// Requests carry `ConnectInfo<SocketAddr>` of the other end.
///
/// # Errors
/// When the listener cannot say its address, that is, was never bound.
pub async fn run(
    listener: TcpListener,
    app: Router,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    tracing::info!(address = %listener.local_addr()?, "listening");
    let slots = Arc::new(Semaphore::new(limits.connections));
    let (stop, stopped) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let next = tokio::select! {
            biased;
            () = &mut shutdown => break,
            next = accept(&listener, &slots) => next,
        };
        if let Some((stream, peer, slot)) = next {
            let info = ConnectInfo(peer);
            let app = app.clone();
            connections.spawn(attend(stream, (app, info), limits, stopped.clone(), slot));
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    // Nobody may be listening any more; then there is nothing to wait for.
    let _ = stop.send(true);
    let all_done = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.grace, all_done).await.is_err() {
        tracing::warn!("cutting connections that did not finish in the grace time");
    }
    connections.shutdown().await;
    Ok(())
}

/// Ready when the process is asked to stop: SIGTERM, or Ctrl-C.
///
/// # Errors
/// When the system does not let us listen for signals.
pub fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

type Accepted = (TcpStream, std::net::SocketAddr, OwnedSemaphorePermit);

async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> Option<Accepted> {
    let slot = Arc::clone(slots).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, slot)),
        Err(error) => {
            // Mostly too many open files: without a pause this loop would spin until one is closed.
            tracing::warn!("cannot accept a connection: {error}");
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

async fn attend(
    stream: TcpStream,
    (app, info): (Router, ConnectInfo<std::net::SocketAddr>),
    limits: Limits,
    mut stop: watch::Receiver<bool>,
    slot: OwnedSemaphorePermit,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(info);
        answer(app.clone(), request, limits)
    });
    // A small answer must not wait for more to fill the packet. Refused only when the other end is already gone.
    let _ = stream.set_nodelay(true);
    let io = TokioIo::new(Stalling::new(stream, limits.write_stall));
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header)
            .max_buf_size(64 * 1024)
            .serve_connection(io, service)
    );
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = stop.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!("a connection ended early: {error}");
    }
    drop(slot);
}

async fn answer(app: Router, request: Request<Incoming>, limits: Limits) -> Result<Response<Body>, Infallible> {
    let pace = |body| Body::new(Paced::new(body, limits.body_window, limits.body_bytes_per_second));
    app.oneshot(request.map(pace)).await
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::{extract::State, routing::get};
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        sync::oneshot,
        task::JoinHandle,
    };

    use super::*;
    use crate::form::Fields;

    /// Short enough for a test, long enough for a busy machine.
    const SHORT: Limits = Limits {
        header: Duration::from_millis(300),
        body_window: Duration::from_millis(300),
        body_bytes_per_second: 1024,
        write_stall: Duration::from_secs(5),
        connections: 4,
        grace: Duration::from_secs(5),
    };
    /// If nothing is cut, a test ends here and fails.
    const HANGS: Duration = Duration::from_secs(5);

    struct Server {
        address: SocketAddr,
        stop: oneshot::Sender<()>,
        task: JoinHandle<io::Result<()>>,
    }

    async fn server(app: Router, limits: Limits) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(run(listener, app, limits, async move {
            let _ = stopped.await;
        }));
        Server { address, stop, task }
    }

    fn app() -> Router {
        Router::new()
            .route("/", get(|| async { "page" }).post(|fields: Fields| async move { fields.text("a").to_owned() }))
    }

    /// Everything the server says until it closes the connection.
    async fn said(stream: &mut TcpStream) -> String {
        let mut heard = Vec::new();
        tokio::time::timeout(HANGS, stream.read_to_end(&mut heard)).await.expect("the connection was never cut").ok();
        String::from_utf8_lossy(&heard).into_owned()
    }

    const POST: &str = "POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\n\
        content-length: 100\r\n\r\na=1";

    #[tokio::test]
    async fn a_whole_request_is_answered() {
        let server = server(app(), SHORT).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
        let heard = said(&mut stream).await;
        assert!(heard.starts_with("HTTP/1.1 200") && heard.ends_with("page"), "{heard}");
        assert!(!heard.to_lowercase().contains("\r\nserver:"));
    }

    #[tokio::test]
    async fn a_head_that_is_never_finished_is_cut() {
        let server = server(app(), SHORT).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nx-slow: ").await.unwrap();
        assert!(!said(&mut stream).await.contains("200"));
    }

    #[tokio::test]
    async fn a_connection_that_says_nothing_after_its_first_request_is_closed() {
        let server = server(app(), SHORT).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        assert!(said(&mut stream).await.contains("page"));
    }

    #[tokio::test]
    async fn a_body_that_trickles_is_cut_with_the_reason() {
        let server = server(app(), SHORT).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(POST.as_bytes()).await.unwrap();
        let heard = said(&mut stream).await;
        assert!(heard.starts_with("HTTP/1.1 408"), "{heard}");
    }

    #[tokio::test]
    async fn the_next_in_line_gets_in_when_a_slow_one_is_cut() {
        let server = server(app(), Limits { connections: 1, ..SHORT }).await;
        let mut slow = TcpStream::connect(server.address).await.unwrap();
        slow.write_all(b"GET /").await.unwrap();
        let mut next = TcpStream::connect(server.address).await.unwrap();
        next.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
        assert!(said(&mut next).await.contains("page"));
    }

    #[tokio::test]
    async fn a_request_under_way_is_finished_after_the_stop_signal() {
        let (begun, begins) = watch::channel(false);
        let (go_on, goes_on) = watch::channel(false);
        let wait = move |State((begun, mut goes_on)): State<(watch::Sender<bool>, watch::Receiver<bool>)>| async move {
            begun.send_replace(true);
            let _ = goes_on.wait_for(|on| *on).await;
            "finished"
        };
        let app = Router::new().route("/", get(wait)).with_state((begun, goes_on));
        let server = server(app, SHORT).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        let mut begins = begins;
        begins.wait_for(|on| *on).await.unwrap();
        server.stop.send(()).unwrap();
        go_on.send_replace(true);
        assert!(said(&mut stream).await.ends_with("finished"));
        assert!(server.task.await.unwrap().is_ok());
    }
}
