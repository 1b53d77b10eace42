"""Presets: every setting of a training run, read from YAML, checked, and explained when wrong."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from mww_studio.constitution.articles import law
from mww_studio.errors import StudioError
from mww_studio.preset_files import explained, laid_over, read_preset_file
from mww_studio.resources import resource

Probability = Annotated[float, Field(ge=0.0, le=1.0)]


def _ascending(value: tuple[float, float]) -> tuple[float, float]:
    if value[0] > value[1]:
        raise ValueError("the first value of a range must not exceed the second")
    return value


def _above_zero(value: tuple[float, float]) -> tuple[float, float]:
    if value[0] <= 0:
        raise ValueError("a range on a logarithmic scale must begin above 0")
    return value


def _between_voice_and_nyquist(value: tuple[float, float]) -> tuple[float, float]:
    if value[0] < 1000 or value[1] > 7900:
        raise ValueError("the highest tones of a microphone must lie between 1000 and 7900 Hz")
    return value


Range = Annotated[tuple[float, float], AfterValidator(_ascending)]
HighestTones = Annotated[Range, AfterValidator(_between_voice_and_nyquist)]
PositiveRange = Annotated[tuple[float, float], AfterValidator(_ascending), AfterValidator(_above_zero)]
# What a training example shows beyond what one output sees: the end of a word and all that is decided after it.
_DECIDED_MS = 1000


class Section(BaseModel):
    """A part of a preset. Unknown keys are errors; values never change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Hardware(Section):
    """Which processor does the work."""

    device: Literal["auto", "cpu", "gpu"] = "auto"
    """The processor or the graphics card; auto: the graphics card where one can be used."""
    mixed_precision: bool = True
    """Half-precision arithmetic; used on a GPU only."""


class Paths(Section):
    """Folders, relative to the project or absolute."""

    cache: str = "cache"
    """What can be deleted and is made again: features and work in progress."""
    extra_negatives: tuple[str, ...] = ()
    """Folders of feature sets in the published RaggedMmap format."""


class Phase(Section):
    """A stretch of training with its own weights and learning rate."""

    steps: int = Field(ge=1, le=1_000_000)
    """How many batches the model learns from."""
    learning_rate: float = Field(gt=0, le=1)
    """How far the weights move at the beginning of the phase."""
    final_learning_rate: float = Field(gt=0, le=1)
    """How far they move at its end, reached along half a cosine."""
    positive_weight: float = Field(1.0, ge=0)
    """How much a mistake on the wake word counts."""
    negative_weight: float = Field(1.0, ge=0)
    """How much a mistake on other sound counts."""
    hard_negative_weight: float = Field(1.0, ge=0)
    """How much a mistake counts on sound that the model fell for before."""
    time_mask_frames: int = Field(0, ge=0, le=50)
    """The longest gap that is cut into an example, in frames of 10 ms."""
    time_masks: int = Field(0, ge=0, le=8)
    """How many such gaps."""
    frequency_mask_channels: int = Field(0, ge=0, le=20)
    """The widest band that is cut out of an example, in channels of the frontend."""
    frequency_masks: int = Field(0, ge=0, le=8)
    """How many such bands."""


class Training(Section):
    """How the weights are found."""

    warm_start: Literal["okay_nabu", "hey_jarvis", "alexa", "hey_mycroft"] | None = "okay_nabu"
    """The official model whose weights training starts from; null: from scratch."""
    phases: tuple[Phase, ...] = Field(min_length=1)
    """The parts of a training, one after the other."""
    batch_positives: int = Field(16, ge=1, le=4096)
    """Wake words that are shown at once."""
    synthetic_share: Probability = 0.06
    """Part of a batch's positives that computer voices say, where there are real takes too."""
    batch_negatives: int = Field(16, ge=1, le=4096)
    """Pieces of other sound that are shown at once."""
    ambience_weight: float = Field(0.3, gt=0)
    """How often the sound of rooms is drawn from beside as much speech, which wakes a model more often."""
    synthetic_speech_weight: float = Field(0.25, gt=0)
    """The same of what computer voices read."""
    sequence_ms: int = Field(3600, ge=2000, le=20000)
    """How much of the stream one training example shows."""
    label_smoothing: Probability = 0.0
    """How unsure the model is told to be even of what is certain; 0: not at all."""
    clip_norm: float = Field(5.0, gt=0)
    """Gradients longer than this are shortened to it."""
    sharpness_radius: float = Field(0.1, ge=0, le=1)
    """How far from the weights a step looks for where the loss is worst; weights that stand it generalise better, each
    step takes longer. 0: it does not look."""
    weight_average_decay: float = Field(0.99, ge=0, lt=1)
    """How slowly the mean of the weights follows them, which is what is kept; 0: no mean."""
    evaluate_every: int = Field(200, ge=1)
    """Steps from one look at the validation side to the next."""
    checkpoint_every: int = Field(100, ge=1)
    """Steps from one state that is kept to the next; an interrupted training goes on from there."""
    target_false_accepts_per_hour: float = Field(0.5, gt=0)
    """How often it may wake by mistake; the cut-off is chosen for it."""
    validation_share: float = Field(0.1, gt=0, lt=0.4)
    """Part of the takes that chooses the weights and the cut-off."""
    test_share: float = Field(0.1, gt=0, lt=0.4)
    """Part of the takes that examines the model."""
    other_validation_share: float = Field(0.2, gt=0, lt=0.4)
    """Part of everything else that chooses them: false accepts are counted on it."""
    other_test_share: float = Field(0.15, gt=0, lt=0.4)
    """Part of everything else that examines it."""


class Block(Section):
    """One MixedNet block: depthwise kernels over time, side by side, then a 1x1 convolution."""

    kernels: tuple[Annotated[int, Field(ge=1, le=64)], ...] = Field(min_length=1, max_length=4)
    """How many frames each kernel sees; the channels are shared among them."""
    filters: int = Field(ge=4, le=256)
    """Channels that leave the block."""


class Model(Section):
    """The MixedNet architecture; defaults are the official okay_nabu's."""

    first_conv_filters: int = Field(default_factory=lambda: law().mixednet.first_conv_filters, ge=4, le=128)
    """Channels of the first convolution."""
    first_conv_kernel: int = Field(default_factory=lambda: law().mixednet.first_conv_kernel, ge=1, le=15)
    """Frames that the first convolution sees; more than the stride."""
    blocks: tuple[Block, ...] = Field(
        default_factory=lambda: tuple(
            Block(kernels=tuple(kernels), filters=filters)
            for kernels, filters in zip(law().mixednet.mixconv_kernels, law().mixednet.pointwise_filters, strict=True)
        ),
        min_length=1,
        max_length=8,
    )
    """The blocks, one after the other."""
    final_frames: int = Field(default_factory=lambda: law().mixednet.final_frames, ge=1, le=40)
    """Outputs of the last block that decide together."""

    @property
    def receptive_frames(self) -> int:
        """How many feature frames one output sees."""
        steps = self.final_frames + sum(max(block.kernels) - 1 for block in self.blocks)
        return (steps - 1) * law().input.stride + self.first_conv_kernel

    @model_validator(mode="after")
    def _can_be_built(self) -> Self:
        stride = law().input.stride
        if self.first_conv_kernel <= stride:
            raise ValueError(f"first_conv_kernel is {self.first_conv_kernel}; it must exceed the stride, {stride}")
        channels = self.first_conv_filters
        for number, block in enumerate(self.blocks):
            if channels % len(block.kernels):
                raise ValueError(
                    f"the {channels} channels that enter blocks.{number} cannot be shared evenly among its "
                    f"{len(block.kernels)} kernels"
                )
            channels = block.filters
        return self


class Augmentation(Section):
    """What is done to the sound before the model hears it: probabilities (0 never, 1 always) and ranges."""

    positive_variants: int = Field(40, ge=1, le=500)
    """Different versions made of each take (at most; see ``positive_examples``)."""
    positive_examples: int = Field(2400, ge=1)
    """Versions made of all takes together; fewer takes get more versions each."""
    synthetic_examples: int = Field(800, ge=1)
    """The same of all synthetic takes, where there are real ones."""
    near_examples: int = Field(400, ge=1)
    """Versions made of all near-sounding phrases together; every phrase has one at least."""
    speech_pieces: int = Field(800, ge=0)
    """Pieces of other speech, as long as a word, that are shown alone as the word is."""
    negative_copies: int = Field(2, ge=0, le=20)
    """Augmented versions of each negative recording, beside the plain one."""
    equaliser: Probability = 0.5
    """How probable it is that bass, middle or treble are louder or softer."""
    equaliser_db: float = Field(8.0, ge=0, le=24)
    """By how much, in dB, at most."""
    distortion: Probability = 0.1
    """How probable it is that the sound is distorted."""
    distortion_range: Range = (0.01, 0.25)
    """How strongly, from barely to heard by everybody."""
    pitch_shift: Probability = 0.25
    """How probable it is that the voice is higher or deeper."""
    pitch_semitones: Range = (-2.0, 2.0)
    """By how many semitones."""
    speed: Probability = 0.5
    """How probable it is that it is said faster or slower."""
    speed_factor: Range = (0.87, 1.15)
    """How many times as fast."""
    band_stop: Probability = 0.1
    """How probable it is that a band of frequencies is missing."""
    narrow_band: Probability = 0.15
    """How probable it is that the microphone hears neither the deepest nor the highest tones, as a telephone's."""
    narrow_band_hz: HighestTones = (2500.0, 7000.0)
    """The highest tones that it still hears."""
    coloured_noise: Probability = 0.3
    """How probable it is that there is hiss or rumble."""
    coloured_noise_snr_db: Range = (8.0, 35.0)
    """How far below the voice that noise is, in dB."""
    background: Probability = 0.6
    """How probable it is that other sound of the project is behind it."""
    background_snr_db: Range = (0.0, 25.0)
    """How far below the voice that sound is, in dB."""
    room: Probability = 0.4
    """How probable it is that it is said in an echoing room."""
    isolated: Probability = 0.1
    """How probable it is that a word is cut out of all that sounds around it, as software cuts it out of recordings."""
    digital_silence: Probability = 0.1
    """How probable it is that there is no noise floor at all."""
    noise_floor_dbfs: Range = (-90.0, -55.0)
    """The noise of the microphone."""
    peak_dbfs: Range = (-36.0, -1.0)
    """How loud the loudest moment is."""
    clipping: Probability = 0.12
    """How probable it is that it is too loud for the microphone."""
    clipping_db: Range = (1.0, 18.0)
    """By how much, in dB."""


class Performance(Section):
    """Speed and memory."""

    workers: int = Field(0, ge=0, le=256)
    """Processes that compute features; 0: one a core."""


class SpeakerClustering(Section):
    """How takes without a speaker are grouped."""

    threshold: float | None = Field(None, gt=0, lt=2)
    """Average cosine distance above which two groups stay apart; null: chosen from the recordings themselves."""
    embedder: Literal["lite", "ecapa"] = "lite"
    """What tells voices apart: the model that comes with the program, or SpeechBrain's ECAPA-TDNN."""
    ecapa_python: str = ""
    """The interpreter of the environment with SpeechBrain; empty: the one in the program's own folder of data."""


class HardNegativeMining(Section):
    """Negatives that the model falls for are shown more often. All shares are parts of a batch's negatives."""

    every: int = Field(150, ge=0)
    """Steps from one scan of the negatives by the present model to the next; 0: none."""
    share: Probability = 0.3
    """What was found, the surer the model was of it the more often."""
    isolated_share: Probability = 0.2
    """Pieces of speech as long as a word, said alone as the word is."""
    near_share: Probability = 0.02
    """Near-sounding phrases. Many of them make the model miss the word itself."""
    keep: int = Field(2000, ge=1)
    """How many places are remembered, the worst ones."""
    scan_hours: float = Field(2.0, gt=0)
    """How much a scan goes through; of more, another part each time."""

    @model_validator(mode="after")
    def _shares_fit_into_a_batch(self) -> Self:
        if self.share + self.isolated_share + self.near_share > 1:
            raise ValueError(
                f"share, isolated_share and near_share are {self.share}, {self.isolated_share} and {self.near_share}, "
                "together above 1"
            )
        return self


class Mining(Section):
    """After a training: sounds that wake the model, or nearly do, are picked out of hours of sound."""

    limit: int = Field(100, ge=1, le=10_000)
    """How many are offered at most."""
    per_source: int = Field(10, ge=1, le=10_000)
    """How many of them from one recording."""
    near_share: float = Field(0.6, gt=0, le=1)
    """How near to the cut-off a sound must have come, as a part of it."""
    likeness: float = Field(0.96, gt=0, le=1)
    """Of sounds more alike than this (a correlation) one is offered."""


class Negatives(Section):
    """Published sound, and folders of one's own made into sets, that are on this computer (`mww-studio negatives`).

    Every installed set is used; where there is none, nothing changes.
    """

    leave_out: tuple[str, ...] = ()
    """Names of installed sets that are not used."""
    weights: dict[str, Annotated[float, Field(gt=0)]] = {}
    """How often a set is drawn from beside other sets; where it is not named: as its publisher advises."""
    non_commercial: bool = True
    """false: sets whose licence forbids commercial use are left out, even when they are installed."""


class Synthesis(Section):
    """What computer voices say for a project that asks them (`mww-studio synthesise`)."""

    takes: int = Field(300, ge=0, le=100_000)
    """Wake words, of all voices together."""
    near: int = Field(120, ge=0, le=100_000)
    """Near-sounding phrases. Many make the model miss the word itself."""
    sentences: int = Field(200, ge=0, le=100_000)
    """Everyday sentences, which are ordinary speech."""
    engines: dict[str, Annotated[float, Field(ge=0)]] = {
        "kokoro": 1.0, "piper": 2.0, "say": 2.0, "sapi": 1.0, "flite": 0.5, "espeak-ng": 0.2,
    }  # fmt: skip
    """How much each engine says in comparison with the others that are installed; 0, or not named: nothing."""
    robots_say_the_word: bool = False
    """Let engines that do not sound natural say the wake word, too, where a natural one is installed."""
    speed: PositiveRange = (0.8, 1.25)
    """How fast, as factors of a voice's own speed."""
    liveliness: PositiveRange = (0.6, 1.3)
    """How much chance is in the sound of engines that know chance, as factors of what is usual."""
    rhythm: PositiveRange = (0.6, 1.3)
    """How much chance is in their rhythm."""
    strictness: float = Field(4.0, ge=0)
    """Takes of the wake word are left out that sound further from the others than usual, by this many times the usual
    spread; 0: nobody listens."""
    processes: int = Field(0, ge=0, le=64)
    """Of each engine, side by side; 0: as the processor allows."""


class Export(Section):
    """What is written at the end."""

    board: str = "generic-s3"
    """The device for which a configuration is written; `mww-studio export` writes others."""
    sliding_windows: tuple[int, ...] = (5,)
    """Sliding window sizes to choose from."""


class Tuning(Section):
    """What auto-tuning tries: short trainings that go on from a finished one, judged on the validation side.

    Cut-off and window are not drawn: for every model all of them are tried.
    """

    trials: int = Field(20, ge=1, le=1000)
    """Settings that are tried at most."""
    minutes: float = Field(60, gt=0)
    """The time allowed; what has begun then comes to its end."""
    seeds: int = Field(2, ge=1, le=20)
    """Trainings with the same settings, whose mean counts; after each, settings behind most others are given up."""
    steps: int = Field(250, ge=1, le=100_000)
    """How long each training goes on from the finished one."""
    examples: int = Field(2000, ge=1)
    """Versions made of all takes where the augmentation differs from that of the finished training, at most."""
    learning_rate: PositiveRange = (2e-5, 6e-4)
    """Drawn evenly on a logarithmic scale, like the next three; it falls to a twentieth."""
    positive_weight: PositiveRange = (0.7, 2.0)
    """How much a mistake on the wake word counts."""
    negative_weight: PositiveRange = (0.5, 4.0)
    """How much a mistake on other sound counts."""
    hard_negative_weight: PositiveRange = (0.5, 4.0)
    """How much a mistake counts on sound that the model fell for before."""
    augmentation_strengths: tuple[Annotated[float, Field(gt=0, le=2)], ...] = Field((0.6, 1.0, 1.5), min_length=1)
    """Factors of how often and how much takes are varied. A few fixed ones, because features are made for each."""
    windows: tuple[Annotated[int, Field(ge=1, le=50)], ...] = Field((5, 3, 4, 6, 7, 8, 9, 10), min_length=1)
    """Sliding window sizes, of equally good ones the earlier."""
    target_false_accepts_per_hour: float = Field(0.3, gt=0)
    """How often it may wake by mistake; cut-offs are chosen for it."""
    target_recall: float = Field(0.95, gt=0, le=1)
    """What part is to be heard. Tuning ends early when both targets are met even at the unlucky end of the interval."""


class Preset(Section):
    """Every setting of a training run."""

    name: str = Field(min_length=1)
    description: str
    hardware: Hardware = Hardware()
    paths: Paths = Paths()
    training: Training
    model: Model = Field(default_factory=Model)
    augmentation: Augmentation = Augmentation()
    performance: Performance = Performance()
    speaker_clustering: SpeakerClustering = SpeakerClustering()
    hard_negative_mining: HardNegativeMining = HardNegativeMining()
    mining: Mining = Mining()
    negatives: Negatives = Negatives()
    synthesis: Synthesis = Synthesis()
    export: Export = Export()
    tuning: Tuning = Tuning()

    @model_validator(mode="after")
    def _examples_are_long_enough(self) -> Self:
        least = self.model.receptive_frames * law().frontend.step_ms + _DECIDED_MS
        if self.training.sequence_ms < least:
            raise ValueError(f"training.sequence_ms is {self.training.sequence_ms}; this model needs {least} or more")
        return self


def preset_names() -> list[str]:
    """The presets that come with the program."""
    return sorted(path.stem for path in resource("presets").glob("*.yaml"))


def load_preset(name: str, override: Path | None = None) -> Preset:
    """A preset by its name or its file, with the values of ``override`` (a YAML file) laid over it."""
    path = Path(name)
    if path.suffix not in {".yaml", ".yml"}:
        path = resource("presets", f"{name}.yaml")
        if not path.is_file():
            raise StudioError(
                "preset.unknown",
                f"There is no preset “{name}”.",
                do=f"Choose one of: {', '.join(preset_names())}, or give the path of a YAML file.",
            )
    values = read_preset_file(path)
    origin = path.name
    if override is not None:
        values = laid_over(values, read_preset_file(override))
        origin = f"{path.name} with {override.name}"
    try:
        return Preset.model_validate(values)
    except ValidationError as error:
        raise StudioError(
            "preset.invalid", f"The preset {origin} cannot be used.", why=explained(error, Preset), do="Correct it."
        ) from None


def without_warm_start(preset: Preset) -> Preset:
    """The preset with training from scratch."""
    return preset.model_copy(update={"training": preset.training.model_copy(update={"warm_start": None})})
