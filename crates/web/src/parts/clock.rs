//! The frame that closes as a case moves, and the ruler of real days under it.
//!
//! Both are drawings for the eye; a sentence beside each says the same. Neither computes a date.

use askama::Template;
use jiff::civil::Date;

use super::is_markup;
use crate::texts::Tongue;

/// How the case stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Course {
    /// Handed in; the clock has not started.
    Waiting,
    /// Time is counted.
    Running {
        /// Working days left.
        left: u32,
    },
    /// Time is not counted.
    Paused {
        /// Working days left once it goes on.
        left: u32,
    },
    /// The limit has passed.
    Overdue {
        /// Working days over it.
        over: u32,
    },
    /// Closed; the outline becomes a solid seal.
    Closed {
        /// What was decided, at most six characters, such as 准予终止.
        result: String,
        /// On which day.
        on: Date,
        /// Whether it was granted.
        granted: bool,
    },
}

/// The frame: four sides, one for each stage.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/frame.html")]
pub struct Frame {
    /// Whole stages that are done: 收件, 受理, 审核; 0 to 3.
    sides: u8,
    /// Working days used of the limit.
    used: u32,
    limit: u32,
    course: Course,
    tongue: Tongue,
}

/// Where the pen starts on each side, and which way it goes: 收件 along the top, 受理 down, 审核 back, 办结 up.
const SIDES: [((f32, f32), (f32, f32)); 4] = [
    ((16.0, 16.0), (1.0, 0.0)),
    ((184.0, 16.0), (0.0, 1.0)),
    ((184.0, 184.0), (-1.0, 0.0)),
    ((16.0, 184.0), (0.0, -1.0)),
];
const LENGTH: f32 = 168.0;

impl Frame {
    /// `sides` stages are done, and `used` of `limit` working days.
    #[must_use]
    pub fn new(tongue: &Tongue, sides: u8, (used, limit): (u32, u32), course: Course) -> Self {
        Self { sides: sides.min(3), used, limit, course, tongue: tongue.clone() }
    }

    /// The sides to draw, each a path and the end of its class.
    fn strokes(&self) -> Vec<(String, &'static str)> {
        let whole = SIDES.iter().take(usize::from(self.sides)).map(|side| (line(*side, 1.0), ""));
        let next = SIDES.get(usize::from(self.sides)).map(|side| (line(*side, self.share()), self.ink()));
        whole.chain(next.filter(|_| self.course != Course::Waiting)).collect()
    }

    /// How far the side of the present stage is drawn; never nothing, never quite whole.
    fn share(&self) -> f32 {
        let share = f64::from(self.used) / f64::from(self.limit.max(1));
        #[expect(clippy::cast_possible_truncation, reason = "a share between 0 and 1 for a drawing")]
        let share = share as f32;
        share.clamp(0.08, 0.94)
    }

    const fn ink(&self) -> &'static str {
        match self.course {
            Course::Paused { .. } => " side--pause",
            Course::Overdue { .. } => " side--over",
            _ => "",
        }
    }

    fn seal_date(&self) -> String {
        match &self.course {
            Course::Closed { on, .. } => format!("{}.{:02}.{:02}", on.year(), on.month(), on.day()),
            _ => String::new(),
        }
    }
}

fn line(((x, y), (dx, dy)): ((f32, f32), (f32, f32)), share: f32) -> String {
    let length = LENGTH * share;
    format!("M{x} {y}L{:.1} {:.1}", dx.mul_add(length, x), dy.mul_add(length, y))
}

/// What a day on the ruler is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayKind {
    /// A working day that is not used yet, or before the clock starts.
    Open,
    /// A working day that was used.
    Used,
    /// A working day on which the clock stood still.
    Paused,
    /// A weekend or holiday.
    Off,
    /// The last day.
    Due,
}

/// One day on the ruler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// Which.
    pub date: Date,
    /// A word or number in it, such as 收件 or 2.
    pub label: String,
    /// What it is.
    pub kind: DayKind,
}

impl Day {
    /// A day with a word in it.
    pub fn new(date: Date, kind: DayKind, label: impl Into<String>) -> Self {
        Self { date, label: label.into(), kind }
    }
}

/// The ruler of real days.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/ruler.html")]
pub struct Ruler {
    sentence: String,
    days: Vec<Day>,
    today: Option<Date>,
    due_label: String,
    tongue: Tongue,
}

impl Ruler {
    /// `sentence` says in words what the drawing shows; `due_label` says what the last day is, such as 最迟办结日.
    pub fn new(
        tongue: &Tongue,
        sentence: impl Into<String>,
        days: Vec<Day>,
        today: Option<Date>,
        due_label: impl Into<String>,
    ) -> Self {
        Self { sentence: sentence.into(), days, today, due_label: due_label.into(), tongue: tongue.clone() }
    }

    fn class(&self, day: &Day) -> String {
        let kind = match day.kind {
            DayKind::Open => "",
            DayKind::Used => "used",
            DayKind::Paused => "pause",
            DayKind::Off => "off",
            DayKind::Due => "due",
        };
        let today = if self.today == Some(day.date) { "today" } else { "" };
        [kind, today].join(" ").trim().to_owned()
    }

    /// A weekend is narrow and has room for one character only.
    fn weekday(&self, day: &Day) -> &str {
        if day.kind == DayKind::Off { self.tongue.weekday_short(day.date) } else { self.tongue.weekday(day.date) }
    }

    /// The day of the month; the first day shown and the first of a month carry the month as well.
    fn number(&self, day: &Day) -> String {
        let first = self.days.first().is_some_and(|first| first.date == day.date);
        let turned = day.date.day() == 1;
        if first || turned { format!("{}-{}", day.date.month(), day.date.day()) } else { day.date.day().to_string() }
    }

    fn has(&self, kind: DayKind) -> bool {
        self.days.iter().any(|day| day.kind == kind)
    }

    fn shows_today(&self) -> bool {
        self.days.iter().any(|day| self.today == Some(day.date))
    }
}

/// Why a last day is that day; closed until somebody asks.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "parts/why.html")]
pub struct Why {
    /// What is asked: 为什么是 3 月 16 日.
    pub title: String,
    /// The answer, a line each.
    pub lines: Vec<String>,
}

is_markup!(Frame, Ruler, Why);

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::texts::Texts;

    fn tongue() -> Tongue {
        Texts::load().unwrap().lang("zh-CN")
    }

    #[test]
    fn a_paused_case_in_review_has_two_whole_sides_and_part_of_the_third_in_amber() {
        let frame = Frame::new(&tongue(), 2, (1, 3), Course::Paused { left: 2 });
        let strokes = frame.strokes();
        assert_eq!(strokes[0], ("M16 16L184.0 16.0".to_owned(), ""));
        assert_eq!(strokes[2], ("M184 184L128.0 184.0".to_owned(), " side--pause"));
        let html = frame.render().unwrap();
        assert!(html.contains("<b>2</b>") && html.contains("已停表"), "{html}");
    }

    #[test]
    fn a_closed_case_is_a_solid_seal_with_its_day() {
        let course = Course::Closed { result: "准予终止".into(), on: date(2026, 3, 8), granted: true };
        let html = Frame::new(&tongue(), 3, (3, 3), course).render().unwrap();
        assert!(html.contains("2026.03.08") && html.contains("准予终止"), "{html}");
    }

    #[test]
    fn today_is_marked_on_whatever_day_it_is() {
        let days = vec![
            Day::new(date(2026, 3, 31), DayKind::Used, "1"),
            Day::new(date(2026, 4, 1), DayKind::Paused, ""),
            Day::new(date(2026, 4, 2), DayKind::Due, "2"),
        ];
        let ruler = Ruler::new(&tongue(), "说明", days.clone(), Some(date(2026, 4, 1)), "最迟办结日");
        assert_eq!(ruler.class(&days[1]), "pause today");
        assert_eq!([ruler.number(&days[0]), ruler.number(&days[1]), ruler.number(&days[2])], ["3-31", "4-1", "2"]);
        assert!(ruler.render().unwrap().contains("class=\"vh\">说明"));
    }
}
