// Command sifcheck does with the reference library of SIF what `sign` and `verify` of SingularityCE and
// Apptainer do with it: the same options, the same order of keys. It is built in GOPATH mode against Debian's
// package of the library.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/sylabs/sif/pkg/integrity"
	"github.com/sylabs/sif/pkg/sif"
)

const usage = `usage: sifcheck keys KEYRING
       sifcheck verify IMAGE KEYRING [group=N|object=N|legacy]...
       sifcheck sign IMAGE SECRET-KEYRING [group=N|object=N]... <PASSPHRASE`

// readKeys reads a keyring as the programs do: binary as their own files are, armored as exports are.
func readKeys(file string) (openpgp.EntityList, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(data, []byte("-----BEGIN")) {
		return openpgp.ReadArmoredKeyRing(bytes.NewReader(data))
	}
	return openpgp.ReadKeyRing(bytes.NewReader(data))
}

// selection calls one of the functions for each `group=N` and `object=N`.
func selection(words []string, group, object func(uint32)) error {
	for _, word := range words {
		name, number, _ := bytes.Cut([]byte(word), []byte("="))
		id, err := strconv.ParseUint(string(number), 10, 32)
		switch {
		case err == nil && string(name) == "group":
			group(uint32(id))
		case err == nil && string(name) == "object":
			object(uint32(id))
		default:
			return fmt.Errorf("%q is neither group=N nor object=N", word)
		}
	}
	return nil
}

func keys(file string) error {
	list, err := readKeys(file)
	if err != nil {
		return err
	}
	for _, entity := range list {
		secret := "public"
		if entity.PrivateKey != nil {
			secret = "secret"
			if entity.PrivateKey.Encrypted {
				secret = "locked"
			}
		}
		for name := range entity.Identities {
			fmt.Printf("%X %s %s\n", entity.PrimaryKey.Fingerprint, secret, name)
		}
	}
	return nil
}

func verify(image, keyring string, words []string) error {
	list, err := readKeys(keyring)
	if err != nil {
		return err
	}
	f, err := sif.LoadContainerFromPath(image, sif.OptLoadWithFlag(os.O_RDONLY))
	if err != nil {
		return err
	}
	defer f.UnloadContainer()

	options := []integrity.VerifierOpt{
		integrity.OptVerifyWithKeyRing(list),
		integrity.OptVerifyCallback(func(r integrity.VerifyResult) bool {
			signer := "nobody known"
			if e := r.Entity(); e != nil {
				signer = fmt.Sprintf("%X", e.PrimaryKey.Fingerprint)
			}
			fmt.Printf("signature %d by %s:", r.Signature().ID(), signer)
			for _, od := range r.Verified() {
				fmt.Printf(" %d", od.ID())
			}
			fmt.Println()
			return false
		}),
	}
	if len(words) > 0 && words[0] == "legacy" {
		options, words = append(options, integrity.OptVerifyLegacy()), words[1:]
	}
	err = selection(words,
		func(id uint32) { options = append(options, integrity.OptVerifyGroup(id)) },
		func(id uint32) { options = append(options, integrity.OptVerifyObject(id)) })
	if err != nil {
		return err
	}
	verifier, err := integrity.NewVerifier(f, options...)
	if err != nil {
		return err
	}
	return verifier.Verify()
}

// secretKey takes the first key of a keyring and unlocks it with the first line of standard input.
func secretKey(keyring string) (*openpgp.Entity, error) {
	list, err := readKeys(keyring)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 || list[0].PrivateKey == nil {
		return nil, errors.New("no secret key in it")
	}
	entity := list[0]
	if entity.PrivateKey.Encrypted {
		line, err := bufio.NewReader(os.Stdin).ReadBytes('\n')
		if err != nil && err != io.EOF {
			return nil, err
		}
		if err := entity.PrivateKey.Decrypt(bytes.TrimSpace(line)); err != nil {
			return nil, err
		}
	}
	return entity, nil
}

func sign(image, keyring string, words []string) error {
	entity, err := secretKey(keyring)
	if err != nil {
		return err
	}
	f, err := sif.LoadContainerFromPath(image)
	if err != nil {
		return err
	}
	defer f.UnloadContainer()

	options := []integrity.SignerOpt{integrity.OptSignWithEntity(entity)}
	err = selection(words,
		func(id uint32) { options = append(options, integrity.OptSignGroup(id)) },
		func(id uint32) { options = append(options, integrity.OptSignObjects(id)) })
	if err != nil {
		return err
	}
	signer, err := integrity.NewSigner(f, options...)
	if err != nil {
		return err
	}
	return signer.Sign()
}

func run(words []string) error {
	switch {
	case len(words) == 2 && words[0] == "keys":
		return keys(words[1])
	case len(words) >= 3 && words[0] == "verify":
		return verify(words[1], words[2], words[3:])
	case len(words) >= 3 && words[0] == "sign":
		return sign(words[1], words[2], words[3:])
	}
	return errors.New(usage)
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
