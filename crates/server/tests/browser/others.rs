//! The other ways: a worker whose employer does nothing, a foreign worker, the clerks of a building site, and a record
//! that is true but was written wrongly.

use anyhow::{Context as _, Result, ensure};

use crate::stage::{Stage, walked_everywhere};

/// A worker ends an employer's record alone, with one item of the evidence menu.
async fn alone(stage: &Stage) -> Result<()> {
    stage.sign_in("geren2").await?;
    stage.stands_at("登记历史").await?;
    stage.within("杭州青禾家政").press("终止、撤销、更正").await?;
    stage.stands_at("发生了什么").await?;
    stage.choose("我自己提出离开了：员工自己辞职").await?;
    stage.fill("从哪一天起", "2026-11-10").await?;
    stage.fill("提前通知的日子", "2026-10-08").await?;
    stage.press("继续，去传材料").await?;
    stage.stands_at("传材料").await?;
    stage.press("继续，去核对").await?;
    stage.reads(&["请任选一样上传"]).await?;
    stage.hand_in("工资停发的银行流水", "流水.pdf").await?;
    stage.press("继续，去核对").await?;
    stage.submit("提交终止申请").await?;
    stage.stands_at("已经收到您的申请").await?;
    stage.reads(&["周建国", "杭州青禾家政服务有限公司"]).await
}

/// A foreign worker, registered by passport, does the same.
async fn foreigner(stage: &Stage) -> Result<()> {
    stage.sign_in("waiguo").await?;
    stage.stands_at("登记历史").await?;
    stage.within("杭州青禾家政").press("终止、撤销、更正").await?;
    stage.stands_at("发生了什么").await?;
    stage.press("继续，去传材料").await?;
    stage.stands_at("发生了什么").await?;
    stage.reads(&["有 1 处要改，改完再继续"]).await?;
    stage.choose("我自己提出离开了：员工自己辞职").await?;
    stage.fill("从哪一天起", "2026-11-10").await?;
    stage.press("继续，去传材料").await?;
    stage.stands_at("传材料").await?;
    stage.hand_in("工资停发的银行流水", "statement.pdf").await?;
    stage.press("继续，去核对").await?;
    stage.submit("提交终止申请").await?;
    stage.stands_at("已经收到您的申请").await?;
    stage.reads(&["Nguyễn Thị Thu Hà"]).await
}

/// The employer's clerk puts a post and a first day right, and one reviewer agrees; the record reads as corrected.
async fn correction(stage: &Stage) -> Result<()> {
    stage.sign_in("danwei").await?;
    stage.within("孙志远").press("终止、撤销、更正").await?;
    stage.stands_at("发生了什么").await?;
    stage.choose("人还在干，就是信息登错了：登记的内容写错了").await?;
    stage.press("继续，去传材料").await?;
    stage.stands_at("哪里登错了").await?;
    stage.press("继续，去传材料").await?;
    stage.reads(&["没有看到改动。请把登错的那一项改成正确的；没有要改的，不用提交。"]).await?;
    stage.fill("岗位", "月嫂").await?;
    stage.fill("用工之日", "2099-01-01").await?;
    stage.press("继续，去传材料").await?;
    stage.stands_at("哪里登错了").await?;
    ensure!(stage.value("岗位").await? == "月嫂", "what was typed is lost");
    stage.fill("用工之日", "2026-02-01").await?;
    stage.press("继续，去传材料").await?;
    stage.stands_at("传材料").await?;
    stage.hand_in("单位盖章的更正说明", "说明.pdf").await?;
    stage.press("继续，去核对").await?;
    stage.reads(&["月嫂", "2026 年 2 月 1 日（周日）"]).await?;
    stage.screenshot("correct-check").await?;
    stage.submit("提交更正申请").await?;
    stage.stands_at("已经收到您的申请").await?;
    let path = stage.path().await?;
    let case = path.split('/').nth(2).context("a receipt names its case")?;
    stage.judge("shouli", case, "受理").await?;
    stage.press("提交，看下一件").await?;
    stage.judge("chushen", case, "准予").await?;
    stage.reads(&["月嫂"]).await?;
    stage.screenshot("correct-desk").await?;
    stage.press("作出决定，看下一件").await?;
    stage.sign_in("danwei").await?;
    stage.open(&format!("/cases/{case}")).await?;
    stage.stands_at("已准予").await?;
    stage.open("/registrations").await?;
    stage.within("孙志远").follow("DJ-").await?;
    stage.stands_at("有效").await?;
    stage.reads(&["月嫂", "2026 年 2 月 1 日（周日）", "更正，从第一天起按改过的算"]).await?;
    stage.screenshot("correct-record").await
}

/// 总包 opens a project and puts a unit on it; the unit makes a team, lets a worker in, and the whole team leaves.
async fn site(stage: &Stage) -> Result<()> {
    stage.sign_in("zongbao").await?;
    stage.follow("工地").await?;
    stage.stands_at("工地").await?;
    stage.follow("开一个项目").await?;
    stage.stands_at("开一个项目").await?;
    stage.press("开好").await?;
    stage.reads(&["有 4 处要改，改完再继续"]).await?;
    stage.fill("项目名称", "运河新城三期（演示）").await?;
    stage.fill("项目编号", "330106-2026-0902").await?;
    stage.fill("在哪个区、县", "浙江省杭州市西湖区").await?;
    stage.fill("开工日期", "2026-10-01").await?;
    stage.press("开好").await?;
    stage.stands_at("运河新城三期（演示）").await?;
    stage.fill("统一社会信用代码", "91330106MA2DEM0D52").await?;
    stage.fill("在这个项目上是", "劳务分包单位").await?;
    stage.press("加进来").await?;
    stage.reads(&["杭州众工建筑劳务有限公司"]).await?;
    come_and_go(stage).await
}

async fn come_and_go(stage: &Stage) -> Result<()> {
    stage.sign_in("fenbao").await?;
    stage.follow("工地").await?;
    stage.follow("运河新城三期（演示）").await?;
    stage.fill("新班组的名称", "木工二班").await?;
    stage.press("建班组").await?;
    stage.stands_at("木工二班").await?;
    stage.press("登记工人进场").await?;
    stage.stands_at("建筑工人实名制登记").await?;
    stage.fill("证件号码", "330106199103079032").await?;
    stage.fill("姓名", "林䶮").await?;
    stage.fill("工人本人的手机号", "13800000001").await?;
    stage.fill("工种", "木工").await?;
    stage.fill("进场日期", "2026-11-02").await?;
    stage.fill("签的是", "劳动合同").await?;
    stage.fill("从哪一天起", "2026-11-02").await?;
    stage.press("继续，去核对").await?;
    stage.submit("提交登记").await?;
    stage.stands_at("有效").await?;
    stage.follow("工地").await?;
    stage.follow("运河新城三期（演示）").await?;
    stage.follow("木工二班").await?;
    stage.choose("整个班组都退场，不用一个个勾").await?;
    stage.fill("哪一天退场", "2026-11-01").await?;
    stage.fill("为什么退场", "活干完了").await?;
    stage.press("登记退场").await?;
    stage.stands_at("退场结果").await?;
    stage.reads(&["登记好 0 人，没有登记上 1 人。", "这一天在进场（2026-11-02）之前。请核对日期。"]).await?;
    stage.follow("木工二班").await?;
    stage.choose("整个班组都退场，不用一个个勾").await?;
    stage.fill("哪一天退场", "2026-11-20").await?;
    stage.fill("为什么退场", "活干完了").await?;
    stage.press("登记退场").await?;
    stage.reads(&["登记好 1 人，没有登记上 0 人。"]).await?;
    stage.follow("木工二班").await?;
    stage.within("林䶮").fill("哪一天又进场", "2026-11-24").await?;
    stage.within("林䶮").press("登记进场").await?;
    stage.stands_at("木工二班").await?;
    ensure!(stage.within("林䶮").says("2026 年 11 月 24 日（周二）").await?, "he is not on the site again");
    Ok(())
}

walked_everywhere! {
    alone => a_worker_ends_a_record_alone;
    foreigner => a_foreign_worker_ends_a_record;
    site => a_team_comes_and_goes_on_a_site;
    correction => what_was_registered_wrongly_is_put_right;
}
