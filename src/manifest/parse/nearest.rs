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
    let left: Vec<char> = left.chars().take(LONGEST).collect();
    let right: Vec<char> = right.chars().take(LONGEST).collect();
    let mut above: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, r) in right.iter().enumerate() {
            let change = row[j] + usize::from(l != r);
            let mut least = change.min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *l == right[j - 1] && left[i - 1] == *r {
                least = least.min(above[j - 1] + 1);
            }
            next.push(least);
        }
        above = std::mem::replace(&mut row, next);
    }
    row[right.len()]
}
