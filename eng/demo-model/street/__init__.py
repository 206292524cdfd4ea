"""The renderer of street scenes: assets, camera, drawing, weather, ground truth."""
