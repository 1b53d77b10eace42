"""The words of the Train page that stand for things of the program: presets, and every setting of a preset."""

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from mww_studio.presets import preset_names
from mww_studio.ui.pages.mining_settings import MINING_SETTINGS
from mww_studio.ui.pages.tuning_settings import TUNING_SETTINGS

CHANGED = ", changed"
"""Stands behind the name of a preset some settings of which were changed."""

_CONTEXT = "Settings of a training"

_PRESETS = {
    "fast_test": (
        QT_TRANSLATE_NOOP("Settings of a training", "Quick try"),
        QT_TRANSLATE_NOOP("Settings of a training", "To see whether it works at all. Not for daily use."),
    ),
    "standard": (
        QT_TRANSLATE_NOOP("Settings of a training", "Good"),
        QT_TRANSLATE_NOOP("Settings of a training", "The right choice for most homes."),
    ),
    "max_quality": (
        QT_TRANSLATE_NOOP("Settings of a training", "Thorough"),
        QT_TRANSLATE_NOOP("Settings of a training", "Learns several times as long. For when Good is not good enough."),
    ),
    "small": (
        QT_TRANSLATE_NOOP("Settings of a training", "Small"),
        QT_TRANSLATE_NOOP("Settings of a training", "Half the size, for little memory or several wake words."),
    ),
    "quickstart": (
        QT_TRANSLATE_NOOP("Settings of a training", "Without recordings"),
        QT_TRANSLATE_NOOP("Settings of a training", "Computer voices alone."),
    ),
}

SECTIONS = {
    "training": QT_TRANSLATE_NOOP("Settings of a training", "How it learns"),
    "training.phases": QT_TRANSLATE_NOOP("Settings of a training", "Stretches of learning"),
    "augmentation": QT_TRANSLATE_NOOP("Settings of a training", "How takes are varied"),
    "hard_negative_mining": QT_TRANSLATE_NOOP("Settings of a training", "Sounds it falls for"),
    "model": QT_TRANSLATE_NOOP("Settings of a training", "The network"),
    "model.blocks": QT_TRANSLATE_NOOP("Settings of a training", "Blocks of the network"),
    "speaker_clustering": QT_TRANSLATE_NOOP("Settings of a training", "Takes without a name"),
    "hardware": QT_TRANSLATE_NOOP("Settings of a training", "Processor and graphics card"),
    "performance": QT_TRANSLATE_NOOP("Settings of a training", "Speed and memory"),
    "paths": QT_TRANSLATE_NOOP("Settings of a training", "Folders"),
    "export": QT_TRANSLATE_NOOP("Settings of a training", "The file for the device"),
    "mining": QT_TRANSLATE_NOOP("Settings of a training", "The search for mistakes"),
    "tuning": QT_TRANSLATE_NOOP("Settings of a training", "What tuning tries"),
}
"""The parts of a preset in the order in which they are shown."""

ENTRIES = {
    "training.phases": QT_TRANSLATE_NOOP("Settings of a training", "Stretch {number}"),
    "model.blocks": QT_TRANSLATE_NOOP("Settings of a training", "Block {number}"),
}

SETTINGS = {
    "training.warm_start": (
        QT_TRANSLATE_NOOP("Settings of a training", "Starts from"),
        QT_TRANSLATE_NOOP("Settings of a training", "An official wake word whose knowledge it begins with."),
    ),
    "training.batch_positives": (
        QT_TRANSLATE_NOOP("Settings of a training", "Takes in one step"),
        QT_TRANSLATE_NOOP("Settings of a training", "How many takes it looks at before it changes itself."),
    ),
    "training.synthetic_share": (
        QT_TRANSLATE_NOOP("Settings of a training", "Part of the takes that computer voices say"),
        QT_TRANSLATE_NOOP("Settings of a training", "Where there are takes of people too; 0 is none, 1 is all."),
    ),
    "training.batch_negatives": (
        QT_TRANSLATE_NOOP("Settings of a training", "Other sounds in one step"),
        QT_TRANSLATE_NOOP("Settings of a training", "How many pieces of other sound stand beside them."),
    ),
    "training.ambience_weight": (
        QT_TRANSLATE_NOOP("Settings of a training", "Weight of room sound"),
        QT_TRANSLATE_NOOP("Settings of a training", "Beside as much talk, which is 1."),
    ),
    "training.synthetic_speech_weight": (
        QT_TRANSLATE_NOOP("Settings of a training", "Weight of what computer voices read"),
        QT_TRANSLATE_NOOP("Settings of a training", "Beside as much talk of people, which is 1."),
    ),
    "training.sequence_ms": (
        QT_TRANSLATE_NOOP("Settings of a training", "Length of one example (ms)"),
        QT_TRANSLATE_NOOP("Settings of a training", "How much sound one example shows."),
    ),
    "training.label_smoothing": (
        QT_TRANSLATE_NOOP("Settings of a training", "Doubt about the answers"),
        QT_TRANSLATE_NOOP("Settings of a training", "A little doubt keeps it from being too sure; 0 is none."),
    ),
    "training.clip_norm": (
        QT_TRANSLATE_NOOP("Settings of a training", "Longest change in one step"),
        QT_TRANSLATE_NOOP("Settings of a training", "Larger changes are shortened to this length."),
    ),
    "training.sharpness_radius": (
        QT_TRANSLATE_NOOP("Settings of a training", "Look around before each step"),
        QT_TRANSLATE_NOOP("Settings of a training", "Serves voices it never heard, and takes longer; 0 is none."),
    ),
    "training.weight_average_decay": (
        QT_TRANSLATE_NOOP("Settings of a training", "Memory of the average"),
        QT_TRANSLATE_NOOP("Settings of a training", "The average of many steps is kept; nearer to 1 is longer."),
    ),
    "training.evaluate_every": (
        QT_TRANSLATE_NOOP("Settings of a training", "Measured every (steps)"),
        QT_TRANSLATE_NOOP("Settings of a training", "How often it is tried on the takes kept aside."),
    ),
    "training.checkpoint_every": (
        QT_TRANSLATE_NOOP("Settings of a training", "Saved every (steps)"),
        QT_TRANSLATE_NOOP("Settings of a training", "At most this much is lost when the power goes."),
    ),
    "training.target_false_accepts_per_hour": (
        QT_TRANSLATE_NOOP("Settings of a training", "Goal: wakes by mistake in an hour"),
        QT_TRANSLATE_NOOP("Settings of a training", "The cut-off is chosen so that it stays below this."),
    ),
    "training.validation_share": (
        QT_TRANSLATE_NOOP("Settings of a training", "Takes kept aside for choosing"),
        QT_TRANSLATE_NOOP("Settings of a training", "The part that chooses the best state and the cut-off."),
    ),
    "training.test_share": (
        QT_TRANSLATE_NOOP("Settings of a training", "Takes kept aside for the test"),
        QT_TRANSLATE_NOOP("Settings of a training", "The part that Results measures with."),
    ),
    "training.other_validation_share": (
        QT_TRANSLATE_NOOP("Settings of a training", "Other sound kept aside for choosing"),
        QT_TRANSLATE_NOOP("Settings of a training", "The part on which the cut-off is chosen."),
    ),
    "training.other_test_share": (
        QT_TRANSLATE_NOOP("Settings of a training", "Other sound kept aside for the test"),
        QT_TRANSLATE_NOOP("Settings of a training", "The part on which Results counts wakes by mistake."),
    ),
    "training.phases.steps": (
        QT_TRANSLATE_NOOP("Settings of a training", "Steps"),
        QT_TRANSLATE_NOOP("Settings of a training", "How long this stretch lasts."),
    ),
    "training.phases.learning_rate": (
        QT_TRANSLATE_NOOP("Settings of a training", "Size of the first steps"),
        QT_TRANSLATE_NOOP("Settings of a training", "Larger steps learn faster and less carefully."),
    ),
    "training.phases.final_learning_rate": (
        QT_TRANSLATE_NOOP("Settings of a training", "Size of the last steps"),
        QT_TRANSLATE_NOOP("Settings of a training", "The size falls smoothly to this."),
    ),
    "training.phases.positive_weight": (
        QT_TRANSLATE_NOOP("Settings of a training", "Weight of a missed take"),
        QT_TRANSLATE_NOOP("Settings of a training", "Higher: it wakes more easily."),
    ),
    "training.phases.negative_weight": (
        QT_TRANSLATE_NOOP("Settings of a training", "Weight of a wake by mistake"),
        QT_TRANSLATE_NOOP("Settings of a training", "Higher: it wakes less easily."),
    ),
    "training.phases.hard_negative_weight": (
        QT_TRANSLATE_NOOP("Settings of a training", "Weight of sounds it falls for"),
        QT_TRANSLATE_NOOP("Settings of a training", "Higher: it learns these harder than other sounds."),
    ),
    "training.phases.time_mask_frames": (
        QT_TRANSLATE_NOOP("Settings of a training", "Longest gap (frames of 10 ms)"),
        QT_TRANSLATE_NOOP("Settings of a training", "Short gaps teach it not to need every moment."),
    ),
    "training.phases.time_masks": (
        QT_TRANSLATE_NOOP("Settings of a training", "Gaps in one example"),
        QT_TRANSLATE_NOOP("Settings of a training", "How many such gaps are cut."),
    ),
    "training.phases.frequency_mask_channels": (
        QT_TRANSLATE_NOOP("Settings of a training", "Widest missing band (channels)"),
        QT_TRANSLATE_NOOP("Settings of a training", "Missing bands teach it not to need every pitch."),
    ),
    "training.phases.frequency_masks": (
        QT_TRANSLATE_NOOP("Settings of a training", "Missing bands in one example"),
        QT_TRANSLATE_NOOP("Settings of a training", "How many such bands are taken out."),
    ),
    "augmentation.positive_variants": (
        QT_TRANSLATE_NOOP("Settings of a training", "Versions of one take, at most"),
        QT_TRANSLATE_NOOP("Settings of a training", "Each sounds as if said in another room or noise."),
    ),
    "augmentation.positive_examples": (
        QT_TRANSLATE_NOOP("Settings of a training", "Versions of all takes together"),
        QT_TRANSLATE_NOOP("Settings of a training", "Fewer takes get more versions each."),
    ),
    "augmentation.synthetic_examples": (
        QT_TRANSLATE_NOOP("Settings of a training", "Versions of all takes by computer voices"),
        QT_TRANSLATE_NOOP("Settings of a training", "Where there are takes of people too."),
    ),
    "augmentation.near_examples": (
        QT_TRANSLATE_NOOP("Settings of a training", "Versions of all near-sounding words"),
        QT_TRANSLATE_NOOP("Settings of a training", "Fewer words get more versions each."),
    ),
    "augmentation.speech_pieces": (
        QT_TRANSLATE_NOOP("Settings of a training", "Pieces of other talk"),
        QT_TRANSLATE_NOOP("Settings of a training", "As long as a word, shown alone as the word is."),
    ),
    "augmentation.negative_copies": (
        QT_TRANSLATE_NOOP("Settings of a training", "Versions of other sound"),
        QT_TRANSLATE_NOOP("Settings of a training", "Beside the plain one."),
    ),
    "augmentation.equaliser": (
        QT_TRANSLATE_NOOP("Settings of a training", "Part with another microphone's sound"),
        QT_TRANSLATE_NOOP("Settings of a training", "0 is none, 1 is every version."),
    ),
    "augmentation.equaliser_db": (
        QT_TRANSLATE_NOOP("Settings of a training", "How different the microphone is (dB)"),
        QT_TRANSLATE_NOOP("Settings of a training", "The most that a band is raised or lowered."),
    ),
    "augmentation.distortion": (
        QT_TRANSLATE_NOOP("Settings of a training", "Part that is distorted"),
        QT_TRANSLATE_NOOP("Settings of a training", "0 is none, 1 is every version."),
    ),
    "augmentation.distortion_range": (
        QT_TRANSLATE_NOOP("Settings of a training", "How distorted"),
        QT_TRANSLATE_NOOP("Settings of a training", "From the least to the most."),
    ),
    "augmentation.pitch_shift": (
        QT_TRANSLATE_NOOP("Settings of a training", "Part with a higher or deeper voice"),
        QT_TRANSLATE_NOOP("Settings of a training", "0 is none, 1 is every version."),
    ),
    "augmentation.pitch_semitones": (
        QT_TRANSLATE_NOOP("Settings of a training", "How much higher or deeper (semitones)"),
        QT_TRANSLATE_NOOP("Settings of a training", "From the deepest to the highest."),
    ),
    "augmentation.speed": (
        QT_TRANSLATE_NOOP("Settings of a training", "Part that is slower or faster"),
        QT_TRANSLATE_NOOP("Settings of a training", "0 is none, 1 is every version."),
    ),
    "augmentation.speed_factor": (
        QT_TRANSLATE_NOOP("Settings of a training", "How much slower or faster (times)"),
        QT_TRANSLATE_NOOP("Settings of a training", "From the slowest to the fastest; 1 is as it was said."),
    ),
    "augmentation.band_stop": (
        QT_TRANSLATE_NOOP("Settings of a training", "Part with a band missing"),
        QT_TRANSLATE_NOOP("Settings of a training", "0 is none, 1 is every version."),
    ),
    "augmentation.narrow_band": (
        QT_TRANSLATE_NOOP("Settings of a training", "Part through a telephone's microphone"),
        QT_TRANSLATE_NOOP("Settings of a training", "0 is none, 1 is every version."),
    ),
    "augmentation.narrow_band_hz": (
        QT_TRANSLATE_NOOP("Settings of a training", "Highest tones of such a microphone (Hz)"),
        QT_TRANSLATE_NOOP("Settings of a training", "From the narrowest band to the widest."),
    ),
    "augmentation.coloured_noise": (
        QT_TRANSLATE_NOOP("Settings of a training", "Part with hiss or hum"),
        QT_TRANSLATE_NOOP("Settings of a training", "0 is none, 1 is every version."),
    ),
    "augmentation.coloured_noise_snr_db": (
        QT_TRANSLATE_NOOP("Settings of a training", "How far below the voice the hiss is (dB)"),
        QT_TRANSLATE_NOOP("Settings of a training", "From the loudest hiss to the quietest."),
    ),
    "augmentation.background": (
        QT_TRANSLATE_NOOP("Settings of a training", "Part with room sound behind it"),
        QT_TRANSLATE_NOOP("Settings of a training", "0 is none, 1 is every version."),
    ),
    "augmentation.background_snr_db": (
        QT_TRANSLATE_NOOP("Settings of a training", "How far below the voice the room sound is (dB)"),
        QT_TRANSLATE_NOOP("Settings of a training", "From the loudest room sound to the quietest."),
    ),
    "augmentation.room": (
        QT_TRANSLATE_NOOP("Settings of a training", "Part said in an echoing room"),
        QT_TRANSLATE_NOOP("Settings of a training", "0 is none, 1 is every version."),
    ),
    "augmentation.isolated": (
        QT_TRANSLATE_NOOP("Settings of a training", "Part cut out of all that sounds around it"),
        QT_TRANSLATE_NOOP(
            "Settings of a training", "Silence up to just before the word. 0 is none, 1 is every version."
        ),
    ),
    "augmentation.digital_silence": (
        QT_TRANSLATE_NOOP("Settings of a training", "Part without any noise at all"),
        QT_TRANSLATE_NOOP("Settings of a training", "0 is none, 1 is every version."),
    ),
    "augmentation.noise_floor_dbfs": (
        QT_TRANSLATE_NOOP("Settings of a training", "Noise of the microphone (dBFS)"),
        QT_TRANSLATE_NOOP("Settings of a training", "From the quietest to the loudest."),
    ),
    "augmentation.peak_dbfs": (
        QT_TRANSLATE_NOOP("Settings of a training", "Loudness of the peaks (dBFS)"),
        QT_TRANSLATE_NOOP("Settings of a training", "From the quietest to the loudest."),
    ),
    "augmentation.clipping": (
        QT_TRANSLATE_NOOP("Settings of a training", "Part too loud for the microphone"),
        QT_TRANSLATE_NOOP("Settings of a training", "0 is none, 1 is every version."),
    ),
    "augmentation.clipping_db": (
        QT_TRANSLATE_NOOP("Settings of a training", "How much too loud (dB)"),
        QT_TRANSLATE_NOOP("Settings of a training", "From the least to the most."),
    ),
    "hard_negative_mining.every": (
        QT_TRANSLATE_NOOP("Settings of a training", "It looks for them every (steps)"),
        QT_TRANSLATE_NOOP("Settings of a training", "0 is never."),
    ),
    "hard_negative_mining.share": (
        QT_TRANSLATE_NOOP("Settings of a training", "Part of other sound that comes from them"),
        QT_TRANSLATE_NOOP("Settings of a training", "0 is none, 1 is all."),
    ),
    "hard_negative_mining.isolated_share": (
        QT_TRANSLATE_NOOP("Settings of a training", "Part that is pieces of talk"),
        QT_TRANSLATE_NOOP("Settings of a training", "As long as a word, said alone as the word is."),
    ),
    "hard_negative_mining.near_share": (
        QT_TRANSLATE_NOOP("Settings of a training", "Part that is near-sounding words"),
        QT_TRANSLATE_NOOP("Settings of a training", "Too many make it miss the word itself."),
    ),
    "hard_negative_mining.keep": (
        QT_TRANSLATE_NOOP("Settings of a training", "Places remembered"),
        QT_TRANSLATE_NOOP("Settings of a training", "The worst ones are kept."),
    ),
    "hard_negative_mining.scan_hours": (
        QT_TRANSLATE_NOOP("Settings of a training", "Hours it looks through each time"),
        QT_TRANSLATE_NOOP("Settings of a training", "Of more sound, another part each time."),
    ),
    "model.first_conv_filters": (
        QT_TRANSLATE_NOOP("Settings of a training", "Filters at the entrance"),
        QT_TRANSLATE_NOOP("Settings of a training", "Another network cannot start from an official wake word."),
    ),
    "model.first_conv_kernel": (
        QT_TRANSLATE_NOOP("Settings of a training", "Width of the entrance (frames of 10 ms)"),
        QT_TRANSLATE_NOOP("Settings of a training", "It must exceed the number of frames taken at once."),
    ),
    "model.final_frames": (
        QT_TRANSLATE_NOOP("Settings of a training", "Moments that decide together"),
        QT_TRANSLATE_NOOP("Settings of a training", "More see a longer word, and cost time on the device."),
    ),
    "model.blocks.kernels": (
        QT_TRANSLATE_NOOP("Settings of a training", "Widths, with commas between"),
        QT_TRANSLATE_NOOP("Settings of a training", "How many moments each filter sees."),
    ),
    "model.blocks.filters": (
        QT_TRANSLATE_NOOP("Settings of a training", "Filters"),
        QT_TRANSLATE_NOOP("Settings of a training", "More can tell more apart, and cost time on the device."),
    ),
    "speaker_clustering.threshold": (
        QT_TRANSLATE_NOOP("Settings of a training", "How different two voices must be"),
        QT_TRANSLATE_NOOP("Settings of a training", "Left empty, it is found from the takes."),
    ),
    "speaker_clustering.embedder": (
        QT_TRANSLATE_NOOP("Settings of a training", "What tells voices apart"),
        QT_TRANSLATE_NOOP("Settings of a training", "The one that comes with the program needs nothing else."),
    ),
    "speaker_clustering.ecapa_python": (
        QT_TRANSLATE_NOOP("Settings of a training", "Python that has SpeechBrain"),
        QT_TRANSLATE_NOOP("Settings of a training", "Only for ECAPA-TDNN; left empty, it is looked for in its place."),
    ),
    "hardware.device": (
        QT_TRANSLATE_NOOP("Settings of a training", "Where it trains"),
        QT_TRANSLATE_NOOP("Settings of a training", "By itself, it takes the graphics card where one can be used."),
    ),
    "hardware.mixed_precision": (
        QT_TRANSLATE_NOOP("Settings of a training", "Shorter numbers on the graphics card"),
        QT_TRANSLATE_NOOP("Settings of a training", "Faster there; the processor never uses them."),
    ),
    "performance.workers": (
        QT_TRANSLATE_NOOP("Settings of a training", "Helpers that prepare sounds"),
        QT_TRANSLATE_NOOP("Settings of a training", "0 is one for each core. Fewer need less memory."),
    ),
    "paths.cache": (
        QT_TRANSLATE_NOOP("Settings of a training", "Folder of prepared sounds"),
        QT_TRANSLATE_NOOP("Settings of a training", "It can be deleted; it is made again."),
    ),
    "paths.extra_negatives": (
        QT_TRANSLATE_NOOP("Settings of a training", "Folders of published other sound"),
        QT_TRANSLATE_NOOP("Settings of a training", "Feature sets in the RaggedMmap format, with commas between."),
    ),
    "export.board": (
        QT_TRANSLATE_NOOP("Settings of a training", "Device of the configuration"),
        QT_TRANSLATE_NOOP("Settings of a training", "Deploy can write one for any other device."),
    ),
    "export.sliding_windows": (
        QT_TRANSLATE_NOOP("Settings of a training", "Lengths of the average to choose from"),
        QT_TRANSLATE_NOOP("Settings of a training", "Moments that are averaged before it wakes, with commas between."),
    ),
    **MINING_SETTINGS,
    **TUNING_SETTINGS,
}
"""Title and help of every setting, by its dotted name without numbers."""

_CHOICES = {
    "hardware.device.auto": QT_TRANSLATE_NOOP("Settings of a training", "By itself"),
    "hardware.device.cpu": QT_TRANSLATE_NOOP("Settings of a training", "Processor"),
    "hardware.device.gpu": QT_TRANSLATE_NOOP("Settings of a training", "Graphics card"),
    "training.warm_start.": QT_TRANSLATE_NOOP("Settings of a training", "Nothing"),
}


def shown_presets() -> list[str]:
    """The presets to choose from: from the quickest to the best, and the smallest."""
    return [name for name in ("fast_test", "standard", "max_quality", "small") if name in preset_names()]


def preset_title(name: str) -> str:
    """A preset's name for people; of a preset that is not the program's own, its own name."""
    original = name.removesuffix(CHANGED)
    title = say(_PRESETS[original][0]) if original in _PRESETS else original
    return title if original == name else QCoreApplication.translate(_CONTEXT, "{preset}, changed").format(preset=title)


def preset_sentence(name: str) -> str:
    """What a preset is good for."""
    return say(_PRESETS[name][1])


def choice_title(key: str, choice: str) -> str:
    """What one of the choices of a setting is called; "" is no choice."""
    text = _CHOICES.get(f"{key}.{choice}")
    return choice.replace("_", " ").title() if text is None else say(text)


def say(text: object) -> str:
    """A text of these tables in the person's language."""
    return QCoreApplication.translate(_CONTEXT, str(text))
