"""EC2: block storage, its snapshots, the images made of them, and the instances that run from those."""
