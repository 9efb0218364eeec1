"""What can be done with a run's latent space, a part each: one image's story, one's own image, sweeps, ways between."""
