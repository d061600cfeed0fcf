import { definePlugin } from 'vhd-preflight';
import caCertificate from './rules/ca-certificate.js';

export default definePlugin({ apiVersion: 1, name: 'corp', rules: [caCertificate] });
