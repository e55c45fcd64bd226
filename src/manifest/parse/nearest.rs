//! The name that was probably meant.

/// Returns the candidate with the fewest typing mistakes between it and `written`,
/// if they are few for its length.
pub fn nearest<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let written = written.to_lowercase();
    let distances = candidates.into_iter().map(|candidate| {
        let lower = candidate.to_lowercase();
        (distance(&written, &lower), candidate)
    });
    let (mistakes, candidate) = distances.min()?;
    (mistakes <= candidate.chars().count().max(3) / 3).then_some(candidate)
}

/// Counts the letters to insert, remove, change, or swap with their neighbour
/// (optimal string alignment).
fn distance(left: &str, right: &str) -> usize {
    // Nobody mistypes a name into something so long, and the table is quadratic.
    const LONGEST: usize = 64;
    let head = |text: &str| text.chars().take(LONGEST).collect::<String>();
    strsim::osa_distance(&head(left), &head(right))
}
