//! `banjie serve`.

use std::sync::Arc;
use std::thread::JoinHandle;

use anyhow::Context as _;
use banjie_app::app::App;
use banjie_app::time::{Clock, HeldClock};
use banjie_app::webhooks::tell;
use banjie_app::{accounts, demo, jobs};
use banjie_store::db::Schema;
use banjie_web::cookies::Transport;
use banjie_web::serve::{Limits, run as run_site, stop_signal};
use banjie_web::shell::{OfficeCard, Site};
use banjie_web::state::{Web, office_card};
use banjie_web::texts::Texts;
use tokio::net::TcpListener;

use crate::arguments::Options;
use crate::open::{open_with, refuse_bare_network};

/// Serves until it is asked to stop.
pub fn run(options: &Options) -> anyhow::Result<()> {
    refuse_bare_network(options)?;
    let clock = Arc::new(HeldClock::default());
    let app = Arc::new(open_with(options, Schema::Migrate, Arc::clone(&clock) as Arc<dyn Clock>)?);
    tracing::info!(suite = options.suite.key(), "the suite `{}` seals from now on", options.suite.key());
    let texts = Texts::load().map_err(|flaws| anyhow::anyhow!("texts:\n{}", flaws.join("\n")))?;
    say_hello(&app, options, (&texts, &clock))?;
    let site = Arc::new(site(&app, options, texts)?);
    let stop = Arc::new(jobs::Stop::default());
    let workers = [
        worker("worker", (&app, &stop), jobs::run_until_stopped)?,
        // Also where nothing may be called (any more): what waits for nobody has to come to an end.
        worker("webhooks", (&app, &stop), tell::run_until_stopped)?,
    ];
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let web = Web { app: Arc::clone(&app), site, meters: Arc::default() };
    let served = runtime.block_on(serve(options, web, &stop));
    stop.ask();
    // A worker that panicked has said so in the log; what it had not finished is still queued.
    workers.into_iter().for_each(|worker| drop(worker.join()));
    drop(runtime);
    app.store.stop();
    served
}

fn worker(
    name: &str,
    (app, stop): (&Arc<App>, &Arc<jobs::Stop>),
    work: fn(&App, &jobs::Stop),
) -> std::io::Result<JoinHandle<()>> {
    let (app, stop) = (Arc::clone(app), Arc::clone(stop));
    std::thread::Builder::new().name(name.to_owned()).spawn(move || work(&app, &stop))
}

async fn serve(options: &Options, web: Web, stop: &jobs::Stop) -> anyhow::Result<()> {
    let listener = TcpListener::bind(options.listen)
        .await
        .with_context(|| format!("{} cannot be listened on; is another program there?", options.listen))?;
    let address = options
        .base_url
        .clone()
        .unwrap_or_else(|| listener.local_addr().map_or_else(|_| String::new(), |address| format!("http://{address}")));
    println!("{address}");
    // The workers stop when it is said, not after the time that requests under way still have.
    let asked = stop_signal()?;
    let said = async {
        asked.await;
        stop.ask();
    };
    let site = run_site(listener, banjie_web::router(web.clone()), Limits::default(), said);
    match options.watch {
        None => site.await?,
        Some(at) => {
            let listener = TcpListener::bind(at).await.with_context(|| format!("{at} cannot be listened on"))?;
            let watch = run_site(listener, banjie_web::watch::router(web), Limits::default(), stop_signal()?);
            tokio::try_join!(site, watch)?;
        }
    }
    Ok(())
}

/// What a person at the console needs to begin.
fn say_hello(app: &App, options: &Options, (texts, clock): (&Texts, &HeldClock)) -> anyhow::Result<()> {
    if options.demo {
        let tongue = texts.lang("zh-CN");
        let demo = demo::fill(app, clock)?;
        if let Some(registrations) = options.registrations {
            let tell = |made| eprintln!("演示登记 {made} / {registrations}");
            demo::grow(app, demo::Bulk { registrations }, &tell)?;
        }
        println!("演示账号（密码都是 {}）", demo.password);
        for account in &demo.accounts {
            println!("  {:12} {}", account.login, tongue.t(&format!("role.{}", account.role.key())));
        }
        if options.keys {
            println!("演示密钥");
            for (login, key) in demo.keys(app)? {
                println!("  {login:12} {key}");
            }
        }
    } else if let Some(token) = accounts::set_up_token(app)? {
        println!("第一次启动：打开下面的地址，用这个口令建第一个管理员（只能用一次）：{token}");
    }
    Ok(())
}

/// What is the same for all pages of this installation.
pub fn site(app: &App, options: &Options, texts: Texts) -> anyhow::Result<Site> {
    let demo = demo::is_demo(app)?;
    let https = options.base_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    Ok(Site {
        texts,
        office: OfficeCard::clone(&*office_card(app)?),
        base_url: options.base_url.clone(),
        transport: if https { Transport::Secure } else { Transport::Plain },
        demo,
    })
}
