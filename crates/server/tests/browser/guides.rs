//! Every guide there is, type × act × region, looked at by axe-core on a phone.

use anyhow::{Result, ensure};
use fantoccini::Locator;

use crate::stage::Stage;
use crate::support::{Database, Options};

/// The tests share the regions between them.
const PARTS: usize = 3;

/// The values or addresses of everything on the page that fits.
async fn all(stage: &Stage, css: &str, attribute: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for one in stage.client().find_all(Locator::Css(css)).await? {
        found.extend(one.attr(attribute).await?.filter(|value| !value.is_empty()));
    }
    Ok(found)
}

async fn every_guide(stage: &Stage, part: usize) -> Result<()> {
    stage.open("/guides").await?;
    let regions = all(stage, "select[name=region] option", "value").await?;
    ensure!(regions.len() >= 23, "the country, four provinces, six cities and twelve districts: {regions:?}");
    for region in regions.iter().skip(part).step_by(PARTS) {
        stage.open(&format!("/guides?region={region}")).await?;
        let guides = all(stage, ".shelf a", "href").await?;
        ensure!(guides.len() >= 12, "three types with four or five acts each: {guides:?}");
        for guide in guides {
            stage.open(&guide).await?;
            stage.is_sound().await?;
        }
    }
    Ok(())
}

macro_rules! guides {
    ($($name:ident: $part:expr;)+) => {$(
        #[test]
        fn $name() -> Result<()> {
            Stage::play(Database::Sqlite, Options::PHONE, async |stage: &Stage| every_guide(stage, $part).await)
        }
    )+};
}

guides! {
    axe_finds_nothing_on_any_guide_of_the_first_regions: 0;
    axe_finds_nothing_on_any_guide_of_the_second_regions: 1;
    axe_finds_nothing_on_any_guide_of_the_third_regions: 2;
}
