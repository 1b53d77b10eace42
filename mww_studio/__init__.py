"""Record your own wake word, train it on your own computer, and flash it to an ESP32."""

__version__ = "0.1.0"
