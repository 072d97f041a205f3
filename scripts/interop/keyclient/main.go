// Command keyclient does with the key client library of Apptainer what the key commands of Apptainer and
// SingularityCE do with it: the same calls, the same headers, the same time limit, and the same way of
// reading a search result. KEYCLIENT_TOKEN has the token of somebody who is logged in. It is built in GOPATH mode against Debian's package of the library.
package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/apptainer/container-key-client/client"
)

// The HTTP client of both programs gives up after this time, answer included.
const timeLimit = 5 * time.Second

// A search asks for this many results at once and never reads a second page.
const pageSize = 256

// withCredential sends what the programs send, which is never what the library would: the scheme and the
// token that `login` has kept. Without one it is the bare scheme.
type withCredential struct {
	token string
	next  http.RoundTripper
}

func (t withCredential) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Set("Authorization", "Bearer "+t.token)
	return t.next.RoundTrip(request)
}

func newClient(address string) (*client.Client, error) {
	return client.NewClient(
		client.OptBaseURL(address),
		client.OptUserAgent("Singularity/4.5.1 (Linux amd64) Go/1.19"),
		client.OptHTTPClient(&http.Client{
			Timeout:   timeLimit,
			Transport: withCredential{os.Getenv("KEYCLIENT_TOKEN"), &http.Transport{DisableKeepAlives: true}},
		}),
	)
}

// push prints what `key push` prints when the server took the key.
func push(ctx context.Context, c *client.Client, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := c.PKSAdd(ctx, string(text)); err != nil {
		return fmt.Errorf("push failed: key server did not accept PGP key: %w", err)
	}
	fmt.Println("public key pushed to server successfully")
	return nil
}

// pull asks by the octets of a fingerprint or key ID, as `key pull` does.
func pull(ctx context.Context, c *client.Client, id string) error {
	octets, err := hex.DecodeString(id)
	if err != nil {
		return err
	}
	text, err := c.GetKey(ctx, octets)
	if err != nil {
		return err
	}
	fmt.Print(text)
	return nil
}

// signer asks for the key of a signature as `verify` does: the key ID as a number, so that leading zeros
// are lost.
func signer(ctx context.Context, c *client.Client, id string) error {
	number, err := strconv.ParseUint(id, 16, 64)
	if err != nil {
		return err
	}
	text, err := c.PKSLookup(ctx, nil, fmt.Sprintf("%#x", number), client.OperationGet, false, true, nil)
	if err != nil {
		return err
	}
	fmt.Print(text)
	return nil
}

// Only upper-case digits are taken for a key ID by `key search`.
var keyID = regexp.MustCompile(`^[0-9A-F]{8,}$`)

func search(ctx context.Context, c *client.Client, text string) error {
	if keyID.MatchString(text) {
		text = "0x" + text
	}
	page := client.PageDetails{Size: pageSize}
	answer, err := c.PKSLookup(ctx, &page, text, client.OperationIndex, true, false, []string{client.OptionMachineReadable})
	if err != nil {
		return err
	}
	return show(answer)
}

var states = map[string]string{"r": "[revoked]", "d": "[disabled]", "e": "[expired]"}

// show reads a machine-readable index as strictly as the programs do and prints one line per key and user
// ID. Any field that is one of the three words starts an item, wherever it stands.
func show(answer string) error {
	announced, found := -1, 0
	var lines []string
	for _, line := range strings.Split(answer, "\n") {
		fields := strings.Split(strings.TrimSpace(line), ":")
		for _, field := range fields {
			switch field {
			case "info":
				count, err := strconv.Atoi(fields[2])
				if err != nil {
					return fmt.Errorf("unable to check key number: %w", err)
				}
				announced = count
			case "pub":
				if _, err := strconv.Atoi(fields[2]); err != nil {
					return fmt.Errorf("algorithm is not a number: %w", err)
				}
				if _, err := strconv.Atoi(fields[3]); err != nil {
					return fmt.Errorf("length is not a number: %w", err)
				}
				state, special := states[fields[6]]
				if !special {
					state = "[enabled]"
				}
				lines = append(lines, fmt.Sprintf("%s %s %s %s", fields[1], fields[1][len(fields[1])-8:], fields[3], state))
				found++
			case "uid":
				name, err := url.QueryUnescape(fields[1])
				if err != nil {
					name = fields[1]
				}
				lines = append(lines, "uid "+strconv.Quote(name))
			}
		}
	}
	fmt.Printf("Showing %d results\n%s\n", announced, strings.Join(lines, "\n"))
	if announced != found {
		return errors.New("failed to convert machine readable to human readable output correctly")
	}
	return nil
}

func version(ctx context.Context, c *client.Client, _ string) error {
	answer, err := c.GetVersion(ctx)
	if err != nil {
		return err
	}
	fmt.Println(answer)
	return nil
}

var commands = map[string]func(context.Context, *client.Client, string) error{
	"push":    push,
	"pull":    pull,
	"signer":  signer,
	"search":  search,
	"version": version,
}

func run(arguments []string) error {
	if len(arguments) != 3 || commands[arguments[1]] == nil {
		return errors.New("usage: keyclient URL push|pull|signer|search|version ARGUMENT")
	}
	c, err := newClient(arguments[0])
	if err != nil {
		return err
	}
	return commands[arguments[1]](context.Background(), c, arguments[2])
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
