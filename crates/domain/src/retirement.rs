//! The month in which a person reaches the statutory age of retirement.
//!
//! Source: 《国务院关于渐进式延迟法定退休年龄的办法》 (2024), in force since 2025-01-01. Knows the general rule only:
//! hazardous work, flexible earlier or later retirement and the years of contribution are not decided here.

/// Which of the three lines of the rule applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RetirementCategory {
    /// Men, formerly 60.
    Men,
    /// Women in cadre posts, formerly 55.
    WomenCadre55,
    /// Other women, formerly 50.
    Women50,
}

/// The age and the month of retirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Retirement {
    /// Full years of age.
    pub age_years: u32,
    /// Months of age beyond the full years, 0–11.
    pub age_months: u32,
    /// The year in which that age is reached.
    pub year: i16,
    /// The month in which that age is reached, 1–12.
    pub month: i8,
}

/// The month in which a person born in `birth` (year, month 1–12) reaches the age of retirement.
///
/// One month more for each four (or two) months of birth from the first cohort on, up to 36 (or 60) months:
/// a man born in 1965-05 retires at 60 years and 2 months, in 2025-07.
#[must_use]
pub fn retirement_month(birth: (i16, i8), category: RetirementCategory) -> Retirement {
    let (former_age, first_cohort, months_per_step, most) = match category {
        RetirementCategory::Men => (60, (1965, 1), 4, 36),
        RetirementCategory::WomenCadre55 => (55, (1970, 1), 4, 36),
        RetirementCategory::Women50 => (50, (1975, 1), 2, 60),
    };
    let born = month_number(birth);
    let later = born - month_number(first_cohort);
    let delay = if later < 0 { 0 } else { (later / months_per_step + 1).min(most) };
    let age = former_age * 12 + delay;
    let reached = born + age;
    Retirement {
        age_years: (age / 12).unsigned_abs(),
        age_months: (age % 12).unsigned_abs(),
        year: i16::try_from(reached.div_euclid(12)).unwrap_or(i16::MAX),
        // The remainder is 0–11, so this never falls back.
        month: i8::try_from(reached.rem_euclid(12) + 1).unwrap_or(12),
    }
}

fn month_number((year, month): (i16, i8)) -> i32 {
    i32::from(year) * 12 + i32::from(month) - 1
}

#[cfg(test)]
mod tests {
    use super::RetirementCategory::{Men, Women50, WomenCadre55};
    use super::*;

    fn reached(birth: (i16, i8), category: RetirementCategory) -> (u32, u32, i16, i8) {
        let Retirement { age_years, age_months, year, month } = retirement_month(birth, category);
        (age_years, age_months, year, month)
    }

    #[test]
    fn the_vectors_of_the_rule_hold() {
        assert_eq!(reached((1964, 12), Men), (60, 0, 2024, 12));
        assert_eq!(reached((1965, 1), Men), (60, 1, 2025, 2));
        assert_eq!(reached((1965, 4), Men), (60, 1, 2025, 5));
        assert_eq!(reached((1965, 5), Men), (60, 2, 2025, 7));
        assert_eq!(reached((1976, 8), Men), (62, 11, 2039, 7));
        assert_eq!(reached((1976, 9), Men), (63, 0, 2039, 9));
        assert_eq!(reached((1990, 1), Men), (63, 0, 2053, 1));
        assert_eq!(reached((1981, 8), WomenCadre55), (57, 11, 2039, 7));
        assert_eq!(reached((1981, 9), WomenCadre55), (58, 0, 2039, 9));
        assert_eq!(reached((1974, 12), Women50), (50, 0, 2024, 12));
        assert_eq!(reached((1975, 2), Women50), (50, 1, 2025, 3));
        assert_eq!(reached((1984, 10), Women50), (54, 11, 2039, 9));
        assert_eq!(reached((1984, 11), Women50), (55, 0, 2039, 11));
    }

    #[test]
    fn the_younger_person_never_retires_in_an_earlier_month() {
        for category in [Men, WomenCadre55, Women50] {
            let months = (1950..2010).flat_map(|year| (1..=12).map(move |month| (year, month)));
            let reached: Vec<_> = months.map(|b| retirement_month(b, category)).map(|r| (r.year, r.month)).collect();
            assert!(reached.is_sorted());
        }
    }
}
