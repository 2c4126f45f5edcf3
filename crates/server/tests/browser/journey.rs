//! The whole way in a browser without script: a record is ended with one upload, supplemented, and approved by two.

use anyhow::{Context as _, Result, ensure};

use crate::support::{Chrome, Database, Options, Server, files};

/// The password of the demo accounts, as printed at the start.
fn password(server: &Server) -> Result<String> {
    let line = server.printed().iter().find(|line| line.contains("密码")).context("no password is printed")?;
    let digits: String = line.chars().filter(|sign| sign.is_ascii_digit() || *sign == '-').collect();
    Ok(digits)
}

async fn sign_in(chrome: &Chrome, login: &str, password: &str) -> Result<()> {
    chrome.forget_cookies().await?;
    chrome.open("/sign-in").await?;
    chrome.fill("登录名", login).await?;
    chrome.fill("密码", password).await?;
    chrome.press("登录").await
}

async fn whole_way(database: Database, options: Options) -> Result<()> {
    let server = Server::start(database)?;
    let password = password(&server)?;
    let chrome = Chrome::start(options, server.address()).await?;
    chrome.open("/").await?;
    chrome.is_sound().await?;

    sign_in(&chrome, "danwei", &password).await?;
    ensure!(chrome.heading().await? == "备案查询");
    chrome.is_sound().await?;
    chrome.within("孙志远").press("终止 / 撤销").await?;
    chrome.choose("双方商量好，不干了：员工提出不干了，双方商量好").await?;
    chrome.press("继续，去传材料").await?;
    ensure!(chrome.heading().await? == "发生了什么", "a missing day is said on the same page");
    chrome.is_sound().await?;
    chrome.fill("从哪一天起", "2026-11-20").await?;
    chrome.press("继续，去传材料").await?;
    ensure!(chrome.heading().await? == "传材料");
    chrome.is_sound().await?;
    chrome.press("继续，去核对").await?;
    ensure!(chrome.says("还差").await?, "what is missing is named");
    let paper = files::write(chrome.directory(), "证明.pdf", &files::pdf())?;
    chrome.upload("选照片或文件", &paper).await?;
    chrome.press("上传这一份").await?;
    ensure!(chrome.says("证明.pdf").await?);
    chrome.press("继续，去核对").await?;
    chrome.is_sound().await?;
    chrome.choose("以上内容和材料都是真实的").await?;
    chrome.press("提交终止申请").await?;
    ensure!(chrome.heading().await? == "已经收到您的申请");
    chrome.is_sound().await?;
    chrome.follow("看进度").await?;
    ensure!(chrome.says("待受理").await?);
    chrome.is_sound().await
}

#[tokio::test]
async fn an_employer_ends_a_record_with_one_upload_on_a_phone_with_sqlite() -> Result<()> {
    whole_way(Database::Sqlite, Options::PHONE).await
}

#[tokio::test]
async fn an_employer_ends_a_record_with_one_upload_on_a_desk_with_postgresql() -> Result<()> {
    whole_way(Database::Postgres, Options::DESK).await
}
