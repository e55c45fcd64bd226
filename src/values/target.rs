//! What `--target` can name.

/// What a build makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// The image.
    #[default]
    Image,
    /// The models alone, in the same layers: to copy from, or as an image volume.
    Models,
    /// The packages alone, in the same layers: to copy from.
    Python,
    /// The base image and all files by digest, for an air gap.
    Bundle,
    /// The lock file.
    Lock,
}

impl Target {
    /// All of them; the default is the first.
    pub const ALL: [Self; 5] = [Self::Image, Self::Models, Self::Python, Self::Bundle, Self::Lock];

    /// As `--target` has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Models => "models",
            Self::Python => "python",
            Self::Bundle => "bundle",
            Self::Lock => "lock",
        }
    }

    /// What it is, for `--call=targets`.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Image => "The image",
            Self::Models => "The models alone, in the layers that the image has",
            Self::Python => "The packages alone, in the layers that the image has",
            Self::Bundle => "The base image and all files by digest, for a build without a network",
            Self::Lock => "The lock file, made anew, to be written beside the manifest",
        }
    }

    /// The target that `--target name` means; `None` if there is none of that name.
    pub fn named(name: Option<&str>) -> Option<Self> {
        let Some(name) = name else { return Some(Self::default()) };
        Self::ALL.into_iter().find(|target| target.name() == name)
    }

    /// Whether the base image must be known: packages are for one, and a bundle has it.
    pub fn needs_base(self) -> bool {
        self != Self::Models
    }
}
