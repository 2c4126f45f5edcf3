//! A service on a port of its own, in the process of the bench.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;

use anyhow::Context as _;
use banjie_app::app::App;
use banjie_app::time::{Clock, HeldClock};
use banjie_app::{demo, session};
use banjie_store::db::Schema;
use banjie_web::serve::{Limits, run as run_site};
use banjie_web::state::Web;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::arguments::Options;
use crate::open::open_with;
use crate::serve::site;

/// A service on a port of its own, in this process, and what stops it.
pub struct Running {
    /// The installation.
    pub app: Arc<App>,
    /// Where it answers.
    pub at: SocketAddr,
    password: String,
    stop: Option<oneshot::Sender<()>>,
    served: Option<thread::JoinHandle<anyhow::Result<()>>>,
}

impl Running {
    /// Starts it on a demo, which it fills when there is none yet.
    pub fn start(options: &Options) -> anyhow::Result<Self> {
        let (app, password) = demo_of(options)?;
        let app = Arc::new(app);
        let texts = banjie_web::texts::Texts::load().map_err(|flaws| anyhow::anyhow!("{}", flaws.join("\n")))?;
        let web = Web { site: Arc::new(site(&app, options, texts)?), app: Arc::clone(&app), meters: Arc::default() };
        let (stop, stopped) = oneshot::channel::<()>();
        let (told, at) = std::sync::mpsc::channel();
        let served = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(async {
                let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
                told.send(listener.local_addr()?)?;
                let stop = async { drop(stopped.await) };
                Ok(run_site(listener, banjie_web::router(web), Limits::default(), stop).await?)
            })
        });
        let at = at.recv().context("the service did not start")?;
        Ok(Self { app, at, password, stop: Some(stop), served: Some(served) })
    }

    /// The header by which somebody is signed in.
    pub fn cookie(&self, login: &str) -> anyhow::Result<String> {
        let signed = session::sign_in(&self.app, login, &self.password, "bench");
        let token = signed.map_err(|error| anyhow::anyhow!("{error}"))?.token;
        Ok(format!("cookie: session={token}\r\n"))
    }

    /// Stops it.
    pub fn end(mut self) -> anyhow::Result<()> {
        drop(self.stop.take());
        match self.served.take().map(thread::JoinHandle::join) {
            Some(Ok(done)) => done?,
            _ => anyhow::bail!("the service of the bench panicked"),
        }
        self.app.store.stop();
        Ok(())
    }
}

/// The demo of these options, filled when there is none yet, and the password of its accounts.
pub fn demo_of(options: &Options) -> anyhow::Result<(App, String)> {
    let clock = Arc::new(HeldClock::default());
    let app = open_with(options, Schema::Migrate, Arc::clone(&clock) as Arc<dyn Clock>)?;
    let password = demo::fill(&app, &clock)?.password;
    Ok((app, password))
}
