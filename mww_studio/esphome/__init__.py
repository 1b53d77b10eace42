"""ESPHome configuration and the esphome program."""
