//! The harness itself, on pages of its own: what is said here is what every journey relies on.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result};

use crate::support::{Chrome, Database, Options, Server, files};

const FORM: &str = r#"<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>脚本没有运行</title><script src="/script"></script></head>
<body><header><a href="/wrong">登记</a></header><main><h1>终止登记</h1>
<form method="post" action="/sent" enctype="multipart/form-data">
<p><label for="name">姓名 <span>（和身份证一致）</span></label><input id="name" name="name"></p>
<p><label for="day">解除日期</label><input id="day" name="day" type="date"></p>
<p><label for="kind">登记类型</label><select id="kind" name="kind"><option value="1">单位用工备案</option>
<option value="2">灵活就业登记</option></select></p>
<fieldset><legend>为什么</legend>
<p><label><input type="radio" name="why" value="end"><span>合同到期<span>不再续签</span></span></label></p>
<p><label><input type="radio" name="why" value="other">合同到期以外的情况</label></p></fieldset>
<p><label for="paper">解除证明</label><input id="paper" name="paper" type="file"></p>
<p><button>提交</button></p></form>
<ul><li>张三 <a href="/row/1">查看</a></li><li>李四 <a href="/row/2">查看</a></li></ul>
<p><a href="/wide">登记</a></p></main></body></html>"#;

const WIDE: &str = r#"<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>宽</title></head><body><main><h1>宽</h1><table width="700"><tr><td>宽</td></tr></table><img src="/none"></main></body></html>"#;

/// A site of fixed pages; what is posted to it is shown as text.
fn site() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("http://{}", listener.local_addr()?);
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            thread::spawn(move || answer(connection));
        }
    });
    Ok(address)
}

fn answer(mut connection: TcpStream) -> Result<()> {
    connection.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        connection.read_exact(&mut byte)?;
        request.extend(byte);
    }
    let head = String::from_utf8_lossy(&request).into_owned();
    let mut body = vec![0; header(&head, "content-length").parse().unwrap_or(0)];
    connection.read_exact(&mut body)?;
    let page = match head.split(' ').nth(1).unwrap_or_default() {
        "/" => FORM.to_owned(),
        "/wide" => WIDE.to_owned(),
        "/cookie" => format!("<title>x</title><main>{}</main>", header(&head, "cookie")),
        "/script" => "document.title = '脚本运行了'".to_owned(),
        path => format!("<title>x</title><h1>{path}</h1><pre>{}</pre>", String::from_utf8_lossy(&body)),
    };
    let length = page.len();
    let policy = "Content-Security-Policy: default-src 'self'; script-src 'self'; require-trusted-types-for 'script'";
    write!(
        connection,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n{policy}\r\nContent-Length: {length}\r\n\r\n{page}"
    )?;
    Ok(())
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let fields = head.lines().filter_map(|line| line.split_once(": "));
    let mut values = fields.filter(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    values.next().unwrap_or_default()
}

#[tokio::test]
async fn a_form_is_filled_and_sent_on_a_phone_without_script() -> Result<()> {
    let chrome = Chrome::start(Options::PHONE, &site()?).await?;
    chrome.open("/").await?;
    assert_eq!(chrome.client().title().await?, "脚本没有运行");
    assert_eq!(chrome.heading().await?, "终止登记");
    let width = chrome.client().execute("return innerWidth", vec![]).await?;
    assert_eq!(width, 390);

    let paper = files::write(chrome.directory(), "解除证明.pdf", &files::pdf())?;
    chrome.fill("姓名", "欧阳\u{20BB7}·\"买买提\"").await?;
    assert_eq!(chrome.value("姓名").await?, "欧阳\u{20BB7}·\"买买提\"");
    chrome.fill("解除日期", "2026-03-06").await?;
    chrome.fill("登记类型", "灵活就业登记").await?;
    chrome.within("为什么").choose("合同到期").await?;
    chrome.upload("解除证明", &paper).await?;
    assert!(chrome.chosen("合同到期").await?);
    chrome.press("提交").await?;

    assert_eq!(chrome.path().await?, "/sent");
    let sent = chrome.text().await?;
    for part in ["欧阳\u{20BB7}·\"买买提\"", "2026-03-06", "\n2\n", "\nend\n", "解除证明.pdf", "%PDF-1.4"] {
        assert!(sent.contains(part), "`{part}` is not in {sent}");
    }
    Ok(())
}

#[tokio::test]
async fn links_are_found_by_their_words_and_their_row() -> Result<()> {
    let chrome = Chrome::start(Options::DESK, &site()?).await?;
    chrome.open("/").await?;
    let width = chrome.client().execute("return innerWidth", vec![]).await?;
    assert_eq!(width, 1280);
    let ambiguous = chrome.follow("查看").await.unwrap_err().to_string();
    assert!(ambiguous.contains("2 of"), "{ambiguous}");
    let missing = chrome.follow("撤销").await.unwrap_err().to_string();
    assert!(missing.contains("李四") || missing.contains("查看"), "{missing}");
    chrome.within("李四").follow("查看").await?;
    assert_eq!(chrome.path().await?, "/row/2");
    chrome.open("/").await?;
    chrome.follow("登记").await?;
    assert_eq!(chrome.path().await?, "/wide", "`main` comes before the header");
    Ok(())
}

#[tokio::test]
async fn cookies_can_be_set_and_forgotten() -> Result<()> {
    let chrome = Chrome::start(Options::DESK, &site()?).await?;
    chrome.set_cookie("mode", "elder")?;
    chrome.open("/cookie").await?;
    assert!(chrome.says("mode=elder").await?);
    chrome.forget_cookies().await?;
    chrome.open("/cookie").await?;
    assert!(!chrome.says("mode").await?);
    Ok(())
}

#[tokio::test]
async fn the_pictures_to_upload_are_pictures_to_a_browser() -> Result<()> {
    let chrome = Chrome::start(Options::DESK, "http://127.0.0.1:1").await?;
    for (name, bytes, width) in [("a.png", files::png(), 24), ("a.jpg", files::jpeg(), 8)] {
        let file = files::write(chrome.directory(), name, &bytes)?;
        chrome.open(&format!("file://{}", file.display())).await?;
        let shown = chrome.client().execute("return document.images[0].naturalWidth", vec![]).await?;
        assert_eq!(shown, width, "{name}");
    }
    let large = files::large_pdf(chrome.directory(), "large.pdf", 200_000_000)?;
    assert_eq!(large.metadata()?.len(), 200_000_000);
    Ok(())
}

#[tokio::test]
async fn a_page_that_is_too_wide_or_hard_to_read_is_found_with_and_without_script() -> Result<()> {
    let site = site()?;
    let mut found = Vec::new();
    for (options, title) in [(Options::PHONE, "脚本没有运行"), (Options::PHONE.with_script(), "脚本运行了")]
    {
        let chrome = Chrome::start(options, &site).await?;
        chrome.open("/").await?;
        assert_eq!(chrome.client().title().await?, title);
        chrome.no_sideways_scroll().await?;
        chrome.open("/wide").await?;
        assert!(chrome.no_sideways_scroll().await.is_err());
        assert!(chrome.is_sound().await.is_err());
        chrome.screenshot("harness").await?;
        found.push(chrome.axe().await?.iter().map(ToString::to_string).collect::<Vec<_>>());
    }
    assert!(found.concat().iter().any(|told| told.starts_with("image-alt")), "{found:?}");
    assert!(found.windows(2).all(|pair| pair[0] == pair[1]), "{found:#?}");
    Ok(())
}

#[tokio::test]
async fn nothing_of_a_browser_is_left_when_its_test_has_ended() -> Result<()> {
    let chrome = Chrome::start(Options::DESK, "http://127.0.0.1:1").await?;
    let directory = chrome.directory().to_owned();
    assert!(directory.is_dir());
    drop(chrome);
    assert!(!directory.exists());
    let name = directory.display().to_string();
    for process in fs::read_dir("/proc")?.flatten() {
        let command = fs::read(process.path().join("cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command);
        assert!(!command.contains(&name), "still running: {command}");
    }
    Ok(())
}

#[test]
fn the_server_starts_on_sqlite_and_on_postgresql() -> Result<()> {
    for database in [Database::Sqlite, Database::Postgres] {
        let server = Server::start(database)?;
        assert!(!server.printed().is_empty());
        let address = server.address().strip_prefix("http://").context("an address")?.to_owned();
        TcpStream::connect(&address).with_context(|| format!("nobody answers at {address}"))?;
        drop(server);
        assert!(TcpStream::connect(&address).is_err(), "{address} still answers");
    }
    Ok(())
}
