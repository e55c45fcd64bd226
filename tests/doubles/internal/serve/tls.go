package serve

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Names of the files in a certificate's folder; AuthorityFile is the one that
// clients must trust.
const (
	AuthorityFile   = "ca.pem"
	certificateFile = "server.pem"
	keyFile         = "server.key"
)

// lifetime of a certificate; a folder is kept as long as a work tree at most.
const lifetime = 10 * 365 * 24 * time.Hour

// Certificate returns the certificate in a folder for a host, made with an
// authority of its own when the folder has none. The authority's key isn't
// kept, and it can vouch for this host only.
func Certificate(folder, host string) (tls.Certificate, error) {
	certificate, key := filepath.Join(folder, certificateFile), filepath.Join(folder, keyFile)
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err == nil && pair.Leaf.VerifyHostname(host) == nil {
		return pair, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return pair, err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return pair, err
	}
	authority := template("modelcache test authority")
	authority.IsCA = true
	authority.BasicConstraintsValid = true
	authority.KeyUsage = x509.KeyUsageCertSign
	authority.PermittedDNSDomainsCritical = true
	leaf := template(host)
	leaf.KeyUsage = x509.KeyUsageDigitalSignature
	leaf.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	ip := net.ParseIP(host)
	switch {
	case ip == nil:
		leaf.DNSNames = []string{host}
	case ip.IsLoopback():
		// Some releases of pip can't check an address, only a name.
		leaf.DNSNames = []string{"localhost"}
		fallthrough
	default:
		leaf.IPAddresses = []net.IP{ip}
	}
	authority.PermittedDNSDomains = leaf.DNSNames
	for _, ip := range leaf.IPAddresses {
		if four := ip.To4(); four != nil {
			ip = four
		}
		bits := 8 * len(ip)
		authority.PermittedIPRanges = append(authority.PermittedIPRanges, &net.IPNet{IP: ip, Mask: net.CIDRMask(bits, bits)})
	}
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pair, err
	}
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pair, err
	}
	authorityDER, err := x509.CreateCertificate(rand.Reader, authority, authority, authorityKey.Public(), authorityKey)
	if err != nil {
		return pair, err
	}
	// Read back for its key identifier, which links the two.
	if authority, err = x509.ParseCertificate(authorityDER); err != nil {
		return pair, err
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, authority, leafKey.Public(), authorityKey)
	if err != nil {
		return pair, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(leafKey)
	if err != nil {
		return pair, err
	}
	err = errors.Join(
		writePEM(filepath.Join(folder, AuthorityFile), "CERTIFICATE", authorityDER, 0o644),
		writePEM(key, "PRIVATE KEY", keyDER, 0o600),
		writePEM(certificate, "CERTIFICATE", leafDER, 0o644),
	)
	if err != nil {
		return pair, err
	}
	return tls.LoadX509KeyPair(certificate, key)
}

func template(name string) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(lifetime),
	}
}

func writePEM(path, kind string, der []byte, mode os.FileMode) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode)
}
