//! The whole way in a browser without script, by everybody who has a part in it.

use anyhow::{Context as _, Result, ensure};

use crate::stage::{Stage, walked_everywhere};

/// A citizen number of a made-up man, serial 903.
const MADE_UP: &str = "330106199103079032";
/// The same with a wrong check digit.
const MISTYPED: &str = "330106199103079031";

const CERTIFICATE: &str = "解除或者终止劳动合同的证明";

/// Signs in as the employer's clerk and registers somebody; what is typed wrong is said beside its field, and nothing
/// typed is lost.
async fn register(stage: &Stage) -> Result<()> {
    stage.sign_in("danwei").await?;
    stage.stands_at("备案查询").await?;
    stage.follow("新登记").await?;
    stage.stands_at("新登记").await?;
    stage.choose("单位用工备案").await?;
    stage.press("开始填写").await?;
    stage.stands_at("单位用工备案").await?;
    stage.fill("证件号码", MISTYPED).await?;
    stage.fill("姓名", "林䶮").await?;
    stage.fill("员工本人的手机号", "13800000001").await?;
    stage.fill("用工形式", "全日制").await?;
    stage.fill("用工之日", "2026-11-02").await?;
    stage.fill("岗位", "装配工").await?;
    stage.fill("劳动合同类型", "无固定期限").await?;
    stage.fill("合同开始日期", "2026-11-02").await?;
    stage.press("继续，去核对").await?;
    stage.stands_at("单位用工备案").await?;
    stage.reads(&["有 1 处要改，改完再继续", "身份证号最后一位对不上"]).await?;
    ensure!(stage.value("姓名").await? == "林䶮", "what was typed is lost");
    stage.fill("证件号码", MADE_UP).await?;
    stage.press("继续，去核对").await?;
    stage.submit("提交登记").await?;
    stage.stands_at("有效").await?;
    stage.reads(&["登记好了", "林䶮"]).await
}

/// Says that both agreed to part, forgets the day first, hands in the certificate. Returns the case.
async fn leave(stage: &Stage, name: &str) -> Result<String> {
    stage.within(name).press("终止、撤销、更正").await?;
    stage.stands_at("发生了什么").await?;
    stage.choose("双方商量好，不干了：员工提出不干了，双方商量好").await?;
    stage.press("继续，去传材料").await?;
    stage.stands_at("发生了什么").await?;
    ensure!(stage.chosen("双方商量好，不干了：员工提出不干了，双方商量好").await?, "what was chosen is lost");
    stage.fill("从哪一天起", "2026-11-20").await?;
    stage.press("继续，去传材料").await?;
    stage.stands_at("传材料").await?;
    stage.press("继续，去核对").await?;
    stage.reads(&["还差"]).await?;
    stage.hand_in(CERTIFICATE, "证明.pdf").await?;
    stage.press("继续，去核对").await?;
    stage.submit("提交终止申请").await?;
    stage.stands_at("已经收到您的申请").await?;
    let path = stage.path().await?;
    let case = path.strip_prefix("/cases/").and_then(|rest| rest.strip_suffix("/receipt"));
    Ok(case.with_context(|| format!("`{path}` is no receipt"))?.to_owned())
}

/// The certificate has no seal: 补正 is asked for, in words the applicant finds again, and answered with another file.
async fn mend(stage: &Stage, case: &str) -> Result<()> {
    stage.judge("shouli", case, "要求补正").await?;
    stage.press("看看申请人会读到什么").await?;
    stage.is_sound().await?;
    stage.reads(&["勾"]).await?;
    let gaps = stage.within("要补什么");
    gaps.unfold(CERTIFICATE).await?;
    gaps.choose("没有盖章").await?;
    stage.press("提交，看下一件").await?;
    stage.sign_in("danwei").await?;
    stage.open(&format!("/cases/{case}")).await?;
    stage.stands_at("待补正").await?;
    stage.reads(&[CERTIFICATE, "没有盖章"]).await?;
    stage.press("现在去补").await?;
    stage.stands_at("传材料").await?;
    stage.hand_in(CERTIFICATE, "盖章的证明.pdf").await?;
    stage.press("继续，去核对").await?;
    stage.submit("提交补正").await?;
    Ok(())
}

/// One verdict that needs nothing but itself.
async fn say(stage: &Stage, who: &str, case: &str, (verdict, send): (&str, &str)) -> Result<()> {
    stage.judge(who, case, verdict).await?;
    stage.press(send).await?;
    stage.is_sound().await
}

/// 复审: opened first, then decided by somebody who did not give the first opinion.
async fn open_second(stage: &Stage, case: &str) -> Result<()> {
    stage.sign_in("fushen").await?;
    stage.open(&format!("/desk/cases/{case}")).await?;
    stage.press("开始复审").await
}

const ACCEPT: (&str, &str) = ("受理", "提交，看下一件");
const FIRST_YES: (&str, &str) = ("准予", "提交初审意见，看下一件");
const SECOND_YES: (&str, &str) = ("准予", "作出决定，看下一件");

async fn granted(stage: &Stage) -> Result<()> {
    stage.open("/").await?;
    stage.is_sound().await?;
    register(stage).await?;
    stage.open("/registrations").await?;
    let case = leave(stage, "林䶮").await?;
    mend(stage, &case).await?;
    say(stage, "shouli", &case, ACCEPT).await?;
    say(stage, "chushen", &case, FIRST_YES).await?;
    open_second(stage, &case).await?;
    say(stage, "fushen", &case, SECOND_YES).await?;
    stage.sign_in("danwei").await?;
    stage.open(&format!("/cases/{case}")).await?;
    stage.stands_at("已准予").await?;
    stage.open("/messages").await?;
    stage.is_sound().await?;
    stage.open("/registrations").await?;
    ensure!(stage.within("林䶮").says("已终止").await?, "the record is not ended");
    Ok(())
}

/// Both reviewers find the paper insufficient, and say so from the list.
async fn refuse(stage: &Stage, who: &str, case: &str, send: &str) -> Result<()> {
    stage.judge(who, case, "不予").await?;
    stage.press(send).await?;
    stage.reads(&["理由"]).await?;
    let grounds = stage.within("不予的理由");
    grounds.unfold("材料不能证明申请里说的情况").await?;
    grounds.choose("用这条理由").await?;
    grounds.fill("关于哪一样", CERTIFICATE).await?;
    stage.fill("写给申请人的话", "证明上写的不是这个人的名字，请换一份。").await?;
    stage.press(send).await
}

async fn refused(stage: &Stage) -> Result<()> {
    stage.sign_in("danwei").await?;
    let case = leave(stage, "孙志远").await?;
    say(stage, "shouli", &case, ACCEPT).await?;
    refuse(stage, "chushen", &case, FIRST_YES.1).await?;
    open_second(stage, &case).await?;
    refuse(stage, "fushen", &case, SECOND_YES.1).await?;
    stage.sign_in("danwei").await?;
    stage.open(&format!("/cases/{case}")).await?;
    stage.stands_at("不予").await?;
    stage.reads(&[CERTIFICATE, "材料不能证明", "第三十四条", "请换一份", "行政复议", "行政诉讼"]).await?;
    stage.press("改好再次申请").await?;
    stage.stands_at("传材料").await?;
    stage.hand_in(CERTIFICATE, "换过的证明.pdf").await?;
    stage.press("继续，去核对").await?;
    stage.submit("提交终止申请").await?;
    stage.stands_at("已经收到您的申请").await?;
    stage.follow("看进度").await?;
    stage.stands_at("待受理").await
}

walked_everywhere! {
    granted => a_record_is_registered_ended_supplemented_and_granted;
    refused => a_refused_case_names_rule_and_remedy_and_is_handed_in_again;
}
