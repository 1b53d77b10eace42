"""A preset whose training takes seconds; the model need not be good."""

TINY = """
training:
  phases:
    - {steps: 60, learning_rate: 2.0e-3, final_learning_rate: 1.0e-4}
  batch_positives: 8
  batch_negatives: 8
  evaluate_every: 30
  checkpoint_every: 10
  weight_average_decay: 0.9
augmentation: {positive_examples: 60, speech_pieces: 20, negative_copies: 0}
"""
