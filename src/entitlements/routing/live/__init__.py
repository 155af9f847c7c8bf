"""The live index behind `Router`."""
