"""What a model learns from: features, augmentation, splits, synthetic voices and phrases."""
