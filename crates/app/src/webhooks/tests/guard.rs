//! What is never connected to, each with a control that is.

use std::net::{SocketAddr, TcpListener};
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::receiver::{HERE, Receiver};
use crate::webhooks::call::Letter;
use crate::webhooks::{Caller, Reach, Unheard};

/// Names that lead wherever a test wants, and somewhere else the next time.
#[derive(Debug)]
struct Rebinding {
    answers: Mutex<Vec<Vec<SocketAddr>>>,
}

impl Resolver for Rebinding {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut answers = self.answers.lock().unwrap();
        let now = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
        let mut found = self.empty();
        now.into_iter().for_each(|address| found.push(address));
        Ok(found)
    }
}

fn letter() -> Letter {
    Letter { id: "not_test".to_owned(), at: 1, body: "{}".to_owned() }
}

/// Spellings of this machine that the system's resolver understands, and what the caller says to each.
const SPELLED: [&str; 16] = [
    "127.0.0.1",
    "localhost",
    "LOCALHOST",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "017700000001",
    "0",
    "0.0.0.0",
    "127.0.0.2",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
];

#[test]
fn nothing_inside_is_connected_to_however_it_is_spelled() {
    let receiver = Receiver::start();
    let port = receiver.at.port();
    let guarded = receiver.caller(&[]);
    for host in SPELLED {
        let heard = guarded.post(&format!("https://{host}:{port}/"), &[1; 32], &letter());
        assert_eq!(heard, Err(Unheard::NotAllowed), "{host}");
    }
    assert_eq!(receiver.connections.load(Ordering::SeqCst), 0, "with the guard");
    // The control: where every address may be called, the guard is no reason any more why one is not reached.
    let open = receiver.caller(&["0.0.0.0/0", "::/0"]);
    let heard = SPELLED.map(|host| open.post(&format!("https://{host}:{port}/"), &[1; 32], &letter()));
    assert!(heard.iter().all(|heard| *heard != Err(Unheard::NotAllowed)), "{heard:?}");
    assert!(receiver.connections.load(Ordering::SeqCst) >= 8, "{heard:?}");
}

#[test]
fn a_name_that_leads_elsewhere_the_second_time_or_also_leads_inside_gains_nothing() {
    let inside = Receiver::start();
    let port = inside.at.port();
    let allowed = TcpListener::bind(("127.0.0.2", port)).unwrap();
    let calling = |answers: Vec<Vec<SocketAddr>>| {
        let mut reach = Reach::default();
        reach.host(&format!("hr.example.com:{port}")).unwrap();
        reach.network("127.0.0.2/32").unwrap();
        let names = Rebinding { answers: Mutex::new(answers) };
        Caller::asking(names, Duration::from_millis(300), reach, Some(inside.root.as_bytes())).unwrap()
    };
    let post = |caller: &Caller| caller.post(&format!("https://hr.example.com:{port}/"), &[1; 32], &letter());
    let there = allowed.local_addr().unwrap();
    let rebinding = calling(vec![vec![there], vec![inside.at]]);
    assert_eq!(post(&rebinding), Err(Unheard::TooSlow), "the first time it leads to where it may call");
    assert_eq!(post(&rebinding), Err(Unheard::NotAllowed));
    assert_eq!(post(&calling(vec![vec![inside.at, there]])), Err(Unheard::TooSlow), "of two only the one that may");
    assert_eq!(allowed.incoming().take(2).filter(Result::is_ok).count(), 2);
    assert_eq!(inside.connections.load(Ordering::SeqCst), 0);
}

#[test]
fn nothing_is_followed_and_nobody_without_a_certificate_is_trusted() {
    let (first, second) = (Receiver::start(), Receiver::start());
    let to = Box::leak(format!("302 Found\r\nlocation: {}", second.address()).into_boxed_str());
    first.answer(to, 1);
    let heard = first.caller(&HERE).post(&first.address(), &[1; 32], &letter());
    assert_eq!(heard, Err(Unheard::Status(302)));
    assert_eq!(second.connections.load(Ordering::SeqCst), 0);
    let mut stranger = Receiver::start();
    (stranger.at, stranger.root) = (second.at, first.root.clone());
    assert_eq!(stranger.caller(&HERE).post(&second.address(), &[1; 32], &letter()), Err(Unheard::NotTrusted));
    assert!(second.bodies().is_empty());
    let bare = first.address().replace("https", "http");
    assert!(first.caller(&HERE).post(&bare, &[1; 32], &letter()).is_err());
}

#[test]
fn who_does_not_answer_is_left_and_who_is_not_there_is_told_apart() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let mut reach = Reach::default();
    reach.host(&format!("127.0.0.1:{port}")).unwrap();
    reach.host(&format!("nobody.invalid:{port}")).unwrap();
    reach.network("127.0.0.0/8").unwrap();
    let caller = Caller::asking(DefaultResolver::default(), Duration::from_millis(300), reach, None).unwrap();
    let address = format!("https://127.0.0.1:{port}/");
    assert_eq!(caller.post(&address, &[1; 32], &letter()), Err(Unheard::TooSlow));
    let nobody = format!("https://nobody.invalid:{port}/");
    assert_eq!(caller.post(&nobody, &[1; 32], &letter()), Err(Unheard::NoSuchHost));
    drop(silent);
    assert_eq!(caller.post(&address, &[1; 32], &letter()), Err(Unheard::NoConnection));
}
