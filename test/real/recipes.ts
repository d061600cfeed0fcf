/**
 * How the real programs make one image out of another. Each recipe is a shell script that runs inside the image.
 */

/** What an image builder's virtual machine goes through: cloud-init sets it up, somebody works in it. */
export const useAsBuildMachine = `
  mkdir -p /var/lib/cloud/seed/nocloud
  cat > /var/lib/cloud/seed/nocloud/meta-data <<'SEED'
instance-id: i-build
SEED
  cat > /var/lib/cloud/seed/nocloud/user-data <<'SEED'
#cloud-config
hostname: build-vm
users:
  - default
  - name: packer
    lock_passwd: false
    plain_text_passwd: packer
    sudo: ALL=(ALL) NOPASSWD:ALL
    shell: /bin/bash
SEED
  systemd-machine-id-setup
  cloud-init init --local
  cloud-init init
  # Its locale module wants D-Bus, which does not run here.
  cloud-init modules --mode=config || true
  cloud-init modules --mode=final
  su - packer -c 'HISTFILE=~/.bash_history bash -ic "history -s sudo apt-get install nginx; history -w"'
`;

/** The two commands that every guide names. */
export const deprovision = `
  cloud-init clean --logs --machine-id
  waagent -force -deprovision
`;

/** What the two commands leave of a build machine. */
export const removeBuildMachine = `
  cloud-init clean --seed
  userdel --force --remove packer
  userdel --force --remove debian
  rm /etc/sudoers.d/90-cloud-init-users
`;

/** A server as somebody would set it up by hand, then frozen. */
export const specialize = `
  useradd --create-home --shell /bin/bash --groups sudo azureuser
  echo 'azureuser:correct horse battery staple' | chpasswd
  ssh-keygen -q -t ed25519 -N '' -f /root/admin-key
  install -d -m 0700 -o azureuser -g azureuser /home/azureuser/.ssh
  install -m 0600 -o azureuser -g azureuser /root/admin-key.pub /home/azureuser/.ssh/authorized_keys
  rm /root/admin-key /root/admin-key.pub
  ssh-keygen -A
  echo web-01 > /etc/hostname
  systemd-machine-id-setup
  sed -i 's/^Provisioning.Agent=.*/Provisioning.Agent=disabled/' /etc/waagent.conf
  touch /etc/cloud/cloud-init.disabled
`;
