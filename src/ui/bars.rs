//! Numbers over time as a line of bars.

/// A bar for each number, as high as the number is beside this highest one. A dot is nothing at all.
#[must_use]
pub(crate) fn bars(numbers: impl IntoIterator<Item = u64>, highest: u64) -> String {
    let numbers = numbers.into_iter();
    numbers.map(|number| bar(number, highest)).collect()
}

fn bar(number: u64, highest: u64) -> char {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    if number == 0 {
        return '·';
    }
    // In 128 bits, no number of files is too large.
    let step = u128::from(number) * 7 / u128::from(highest.max(1));
    BARS[usize::try_from(step).map_or(7, |step| step.min(7))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_high_as_its_number_and_nothing_is_a_dot() {
        assert_eq!(bars([0, 1, 50, 99, 100], 100), "·▁▄▇█");
        assert_eq!(bars([0, 0], 0), "··");
        assert_eq!(bars([u64::MAX, u64::MAX / 2, 1], u64::MAX), "█▄▁");
    }
}
