//! What is said to whoever watches the service: alive, ready, and numbers. Routes are named by their pattern and never by
//! an address, so nothing here names a person or a record.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use banjie_app::health::{self, Standing};
use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::run::blocking;
use crate::state::Web;

/// Which request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ringing {
    alarm: &'static str,
}

/// The numbers of this process.
pub struct Meters {
    registry: Registry,
    answered: Family<Answered, Counter>,
    seconds: Histogram,
    waiting_reads: Gauge<u64, AtomicU64>,
    waiting_writes: Gauge<u64, AtomicU64>,
    takes_writes: Gauge<u64, AtomicU64>,
    database: Gauge<u64, AtomicU64>,
    jobs_waiting: Gauge<u64, AtomicU64>,
    jobs_parked: Gauge<u64, AtomicU64>,
    job_age: Gauge<u64, AtomicU64>,
    alarms: Family<Ringing, Gauge<u64, AtomicU64>>,
}

impl Default for Meters {
    fn default() -> Self {
        let mut meters = Self {
            registry: Registry::with_prefix("banjie"),
            answered: Family::default(),
            // A millisecond to half a minute.
            seconds: Histogram::new(exponential_buckets(0.001, 2.0, 15)),
            waiting_reads: Gauge::default(),
            waiting_writes: Gauge::default(),
            takes_writes: Gauge::default(),
            database: Gauge::default(),
            jobs_waiting: Gauge::default(),
            jobs_parked: Gauge::default(),
            job_age: Gauge::default(),
            alarms: Family::default(),
        };
        let all = &mut meters.registry;
        all.register("http_answers", "Requests answered, by route and status", meters.answered.clone());
        all.register("http_answer_seconds", "How long an answer took", meters.seconds.clone());
        all.register("store_waiting_reads", "Reads that wait for a connection", meters.waiting_reads.clone());
        all.register("store_waiting_writes", "Writes that wait for their turn", meters.waiting_writes.clone());
        all.register("store_takes_writes", "1 while writes are taken", meters.takes_writes.clone());
        all.register("store_answers", "1 while the database answers", meters.database.clone());
        all.register("jobs_waiting", "Jobs whose time has come, counted to 10000", meters.jobs_waiting.clone());
        all.register("jobs_parked", "Jobs that were given up", meters.jobs_parked.clone());
        all.register("jobs_oldest_seconds", "How long the oldest job waits", meters.job_age.clone());
        all.register("alarm", "1 while an alarm rings", meters.alarms.clone());
        meters
    }
}

impl Meters {
    fn note(&self, standing: &Standing, now: i64) {
        let number = |count: i64| u64::try_from(count).unwrap_or_default();
        self.waiting_reads.set(standing.waiting_reads as u64);
        self.waiting_writes.set(standing.waiting_writes as u64);
        self.takes_writes.set(u64::from(standing.takes_writes));
        self.database.set(u64::from(standing.jobs.is_some()));
        if let Some(jobs) = standing.jobs {
            self.jobs_waiting.set(number(jobs.waiting));
            self.jobs_parked.set(number(jobs.parked));
            self.job_age.set(number(jobs.since.map_or(0, |since| (now - since) / 1_000_000)));
        }
        // One that is over is not told any more.
        self.alarms.clear();
        for alarm in &standing.alarms {
            self.alarms.get_or_create(&Ringing { alarm }).set(1);
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a text cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// Middleware: counts what was answered.
pub(crate) async fn count(State(meters): State<Arc<Meters>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = match request.method().as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "HEAD" => "HEAD",
        _ => "other",
    };
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let answer = next.run(request).await;
    let status = u32::from(answer.status().as_u16());
    meters.answered.get_or_create(&Answered { method, route, status }).inc();
    meters.seconds.observe(began.elapsed().as_secs_f64());
    answer
}

/// `/livez`: the process answers. `/readyz`: the database does, and writes are taken.
pub(crate) fn probes() -> Router<Web> {
    Router::new().route("/livez", get(|| async { "ok" })).route("/readyz", get(ready))
}

async fn ready(State(web): State<Web>) -> Response {
    match blocking(&web.app, |app| Ok(health::is_ready(app))).await {
        Ok(true) => "ready".into_response(),
        _ => {
            let kind = [(header::CONTENT_TYPE, "application/json")];
            (StatusCode::SERVICE_UNAVAILABLE, kind, "{\"ready\":false}").into_response()
        }
    }
}

/// The numbers, for a listener of their own: they say how much is going on here, which is nobody else's business.
pub fn router(web: Web) -> Router<()> {
    probes().route("/metrics", get(numbers)).with_state(web)
}

async fn numbers(State(web): State<Web>) -> Response {
    let meters = Arc::clone(&web.meters);
    let now = web.app.micros();
    if let Ok(standing) = blocking(&web.app, |app| Ok(health::standing(app))).await {
        meters.note(&standing, now);
    }
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], meters.text()).into_response()
}
