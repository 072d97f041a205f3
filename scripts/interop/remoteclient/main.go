// Command remoteclient asks a host what the remote and keyserver commands of SingularityCE and Apptainer ask it:
// the same addresses, put together in the same way, the same headers and the same reading of the answers. What
// they keep in remote.yaml it keeps in a JSON file of its own. It needs nothing but Go's own library.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"sort"
	"strings"
	"time"
)

// remote is one entry of the file. Address has no scheme.
type remote struct {
	Address  string
	Insecure bool
	Token    string
}

type settings struct {
	Active  string
	Remotes map[string]*remote
}

var file = os.Getenv("REMOTECLIENT_FILE")

func load() (*settings, error) {
	s := &settings{Remotes: map[string]*remote{}}
	text, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return s, nil
	} else if err != nil {
		return nil, err
	}
	return s, json.Unmarshal(text, s)
}

func (s *settings) save() error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

func (s *settings) active() (*remote, error) {
	r, ok := s.Remotes[s.Active]
	if !ok {
		return nil, errors.New("no remote is active")
	}
	return r, nil
}

// httpClient reaches ports 443 and 80 of any name at REMOTECLIENT_DIAL: the programs cannot be told another
// port, and a check of them cannot have these.
func httpClient(limit time.Duration) *http.Client {
	dialer := &net.Dialer{}
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if strings.HasSuffix(address, ":443") || strings.HasSuffix(address, ":80") {
				address = os.Getenv("REMOTECLIENT_DIAL")
			}
			return dialer.DialContext(ctx, network, address)
		},
	}
	return &http.Client{Timeout: limit, Transport: transport}
}

func get(address, authorization string, limit time.Duration) (*http.Response, error) {
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", "Singularity/4.5.1 (Linux amd64) Go/1.19")
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	return httpClient(limit).Do(request)
}

// services reads the document of the host: an object of objects, of which it takes the texts called "uri".
func (r *remote) services() (map[string]string, error) {
	base, err := url.Parse(r.Address)
	if err != nil {
		return nil, err
	}
	base.Scheme = "https"
	if r.Insecure {
		base.Scheme = "http"
	}
	answer, err := get(base.String()+"/assets/config/config.prod.json", "", 10*time.Second)
	if err != nil {
		return nil, fmt.Errorf("error making request to server: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("error response from server: %d", answer.StatusCode)
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	var document map[string]map[string]interface{}
	if err := json.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("jsonresp: failed to unmarshal response: %w", err)
	}
	found := map[string]string{}
	for name, entry := range document {
		if uri, ok := entry["uri"].(string); ok {
			name = strings.TrimSuffix(name, "API")
			if name == "keystore" {
				name = "keyserver"
			}
			found[name] = uri
		}
	}
	return found, nil
}

// verify has the token looked at: 200 is good, and two other numbers have names.
func (r *remote) verify(token string) error {
	services, err := r.services()
	if err != nil {
		return err
	}
	uri, ok := services["token"]
	if !ok {
		return errors.New("no authentication service found")
	}
	answer, err := get(uri+"/v1/token-status", "Bearer "+token, 10*time.Second)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusOK:
		fmt.Println("Access Token Verified!")
		return nil
	case http.StatusNotFound:
		return errors.New("error response from server: Invalid Credentials")
	case http.StatusInternalServerError:
		return errors.New("error response from server: Internal Server Error")
	}
	return errors.New("error response from server: Unknown")
}

// add is `remote add [--insecure] NAME URI`: the scheme is dropped, and a slash at the end.
func add(arguments []string) error {
	insecure := len(arguments) == 3 && arguments[2] == "--insecure"
	u, err := url.Parse(arguments[1])
	if err != nil {
		return err
	}
	s, err := load()
	if err != nil {
		return err
	}
	s.Remotes[arguments[0]] = &remote{Address: path.Join(u.Host + u.Path), Insecure: insecure}
	return s.save()
}

func use(arguments []string) error {
	s, err := load()
	if err != nil {
		return err
	}
	if s.Remotes[arguments[0]] == nil {
		return fmt.Errorf("%s is not a remote", arguments[0])
	}
	s.Active = arguments[0]
	return s.save()
}

// login is `remote login --tokenfile FILE`.
func login(arguments []string) error {
	s, err := load()
	if err != nil {
		return err
	}
	r, err := s.active()
	if err != nil {
		return err
	}
	text, err := os.ReadFile(arguments[0])
	if err != nil {
		return err
	}
	fmt.Printf("Generate an access token at https://%s/auth/tokens, and paste it here.\n", r.Address)
	token := strings.TrimSpace(string(text))
	if err := r.verify(token); err != nil {
		return fmt.Errorf("while verifying token: %w", err)
	}
	r.Token = token
	return s.save()
}

func version(uri string) string {
	answer, err := get(uri+"/version", "", 30*time.Second)
	if err != nil {
		return "N/A"
	}
	defer answer.Body.Close()
	var read struct {
		Data struct {
			Version string `json:"version"`
		} `json:"data"`
	}
	if answer.StatusCode != http.StatusOK || json.NewDecoder(answer.Body).Decode(&read) != nil {
		return "N/A"
	}
	return "OK " + read.Data.Version
}

// status is `remote status`. Without a library it fails after its table, as both programs do.
func status([]string) error {
	s, err := load()
	if err != nil {
		return err
	}
	r, err := s.active()
	if err != nil {
		return err
	}
	services, err := r.services()
	if err != nil {
		return fmt.Errorf("while retrieving services: %w", err)
	}
	names := []string{}
	for name := range services {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Printf("%s %s %s\n", name, version(services[name]), services[name])
	}
	if services["library"] == "" {
		return errors.New("could not get library client configuration")
	}
	if r.Token == "" {
		fmt.Println("No authentication token set (logged out).")
		return nil
	}
	if err := r.verify(r.Token); err != nil {
		return fmt.Errorf("authentication token is invalid: %w", err)
	}
	fmt.Println("Valid authentication token set (logged in).")
	return nil
}

// keyserver prints what the key commands work with: the address, and the token of the remote.
func keyserver([]string) error {
	s, err := load()
	if err != nil {
		return err
	}
	r, err := s.active()
	if err != nil {
		return err
	}
	services, err := r.services()
	if err != nil {
		return err
	}
	if services["keyserver"] == "" {
		return errors.New("keyserver is not a service at endpoint")
	}
	fmt.Printf("%s\n%s\n", services["keyserver"], r.Token)
	return nil
}

// keyserverLogin is `keyserver login URI` with a token: the address itself is asked for.
func keyserverLogin(arguments []string) error {
	answer, err := get(arguments[0], "Bearer "+arguments[1], 5*time.Second)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("error response from server: %s", answer.Status)
	}
	fmt.Println("Token stored")
	return nil
}

var commands = map[string]struct {
	least int
	run   func([]string) error
}{
	"add":             {2, add},
	"use":             {1, use},
	"login":           {1, login},
	"status":          {0, status},
	"keyserver":       {0, keyserver},
	"keyserver-login": {2, keyserverLogin},
}

func run(arguments []string) error {
	if len(arguments) == 0 || commands[arguments[0]].run == nil || len(arguments)-1 < commands[arguments[0]].least {
		return errors.New("usage: remoteclient add NAME URI [--insecure]|use NAME|login FILE|status|keyserver|keyserver-login URI TOKEN")
	}
	return commands[arguments[0]].run(arguments[1:])
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
