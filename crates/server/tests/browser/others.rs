//! The ways of those who are not an employer's clerk: a worker whose employer does nothing, a foreign worker who reads
//! English, and the clerks of a building site.

use anyhow::{Result, ensure};

use crate::stage::{Stage, walked_everywhere};
use crate::support::{Database, Options};

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

/// A foreign worker does the same in English.
async fn in_english(stage: &Stage) -> Result<()> {
    stage.sign_in("waiguo").await?;
    stage.press("English").await?;
    stage.stands_at("My registrations").await?;
    stage.within("杭州青禾家政").press("End, revoke or correct").await?;
    stage.stands_at("What happened").await?;
    stage.press("Continue: upload papers").await?;
    stage.stands_at("What happened").await?;
    stage.choose("I decided to leave: The worker resigned").await?;
    stage.fill("From which day", "2026-11-10").await?;
    stage.press("Continue: upload papers").await?;
    stage.stands_at("Upload papers").await?;
    let paper = stage.within("Bank statement showing that wages stopped");
    paper.upload("Choose a photo or a file", &stage.paper("statement.pdf")?).await?;
    paper.press("Upload this file").await?;
    stage.press("Continue: check").await?;
    stage.stands_at("Check before you submit").await?;
    stage.choose("All answers and papers are true").await?;
    stage.press("Submit application to end").await?;
    stage.stands_at("We have received your application").await?;
    stage.reads(&["Nguyễn Thị Thu Hà"]).await
}

/// 总包 opens a project and puts a unit on it; the unit makes a team, lets a worker in, and the whole team leaves.
async fn site(stage: &Stage) -> Result<()> {
    stage.sign_in("zongbao").await?;
    stage.follow("工地").await?;
    stage.stands_at("工地").await?;
    stage.follow("开一个项目").await?;
    stage.stands_at("开一个项目").await?;
    stage.press("开好").await?;
    stage.reads(&["4 处要改"]).await?;
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
    stage.choose("整个班组都退场").await?;
    stage.fill("哪一天退场", "2026-11-01").await?;
    stage.fill("为什么退场", "活干完了").await?;
    stage.press("登记退场").await?;
    stage.stands_at("退场结果").await?;
    stage.reads(&["登记好 0 人", "在进场"]).await?;
    stage.follow("木工二班").await?;
    stage.choose("整个班组都退场").await?;
    stage.fill("哪一天退场", "2026-11-20").await?;
    stage.fill("为什么退场", "活干完了").await?;
    stage.press("登记退场").await?;
    stage.reads(&["登记好 1 人"]).await?;
    stage.follow("木工二班").await?;
    stage.within("林䶮").fill("哪一天又进场", "2026-11-24").await?;
    stage.within("林䶮").press("登记进场").await?;
    stage.stands_at("木工二班").await?;
    ensure!(stage.within("林䶮").says("2026 年 11 月 24 日").await?, "he is not on the site again");
    Ok(())
}

walked_everywhere! {
    alone =>
        a_worker_ends_a_record_alone_on_a_phone_with_sqlite,
        a_worker_ends_a_record_alone_on_a_desk_with_postgresql,
        a_worker_ends_a_record_alone_on_a_phone_with_postgresql,
        a_worker_ends_a_record_alone_on_a_desk_with_sqlite;
    in_english =>
        a_foreign_worker_ends_a_record_in_english_on_a_phone_with_sqlite,
        a_foreign_worker_ends_a_record_in_english_on_a_desk_with_postgresql,
        a_foreign_worker_ends_a_record_in_english_on_a_phone_with_postgresql,
        a_foreign_worker_ends_a_record_in_english_on_a_desk_with_sqlite;
    site =>
        a_team_comes_and_goes_on_a_site_on_a_phone_with_sqlite,
        a_team_comes_and_goes_on_a_site_on_a_desk_with_postgresql,
        a_team_comes_and_goes_on_a_site_on_a_phone_with_postgresql,
        a_team_comes_and_goes_on_a_site_on_a_desk_with_sqlite;
}
