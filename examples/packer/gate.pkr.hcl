# An image that another program made, checked before it is uploaded. With a builder of your own, take its source for
# source.null.image and drop the artifice post-processor: the builder's artifact then is what the manifest lists.

variable "image" {
  description = "File of the disk."
}

variable "preflight" {
  default     = "npx --no-install vhd-preflight"
  description = "How vhd-preflight is run here."
}

variable "preflight_flags" {
  default     = "--image-type=generalized --storage=gallery"
  description = "What the image is meant to be."
}

variable "upload" {
  default     = "echo UPLOAD"
  description = "Command that uploads; it is run only after the image has passed."
}

source "null" "image" {
  communicator = "none"
}

build {
  sources = ["source.null.image"]

  # ONE chain: its steps run in order, and a step that fails stops the rest. Steps of another chain would still run.
  post-processors {
    post-processor "artifice" {
      files = [var.image]
    }

    # Before the gate: it says which files this build made, and it makes Packer keep them when the gate fails.
    post-processor "manifest" {
      output = "packer-manifest.json"
    }

    post-processor "shell-local" {
      environment_vars = ["NO_COLOR=1"]
      inline = [
        "${var.preflight} --packer-manifest packer-manifest.json --report json=preflight.json ${var.preflight_flags}",
      ]
    }

    post-processor "shell-local" {
      inline = [var.upload]
    }
  }
}
