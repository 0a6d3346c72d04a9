// Usage: client PORT. Go's net/http with kept connections, and with one for each request.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
)

func get(client *http.Client, port string, number int) error {
	request, err := http.NewRequest("GET", "http://127.0.0.1:"+port+"/", nil)
	if err != nil {
		return err
	}
	request.Header.Set("X-Mine", fmt.Sprint(number))
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && string(text) != fmt.Sprintf("hello %d", number) {
		err = fmt.Errorf("got %q", text)
	}
	return err
}

func post(client *http.Client, port string) error {
	// Of no known length: in chunks.
	body := io.MultiReader(strings.NewReader(strings.Repeat("x", 70000)), strings.NewReader("y"))
	answer, err := client.Post("http://127.0.0.1:"+port+"/stored", "text/plain", body)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && string(text) != "70001 bytes" {
		err = fmt.Errorf("got %q", text)
	}
	return err
}

func main() {
	for _, closes := range []bool{false, true} {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: closes, MaxIdleConnsPerHost: 8}}
		var all sync.WaitGroup
		for worker := 0; worker < 8; worker++ {
			all.Add(1)
			go func(worker int) {
				defer all.Done()
				for i := 0; i < 100; i++ {
					if err := get(client, os.Args[1], worker*1000+i); err != nil {
						fmt.Println(err)
						os.Exit(1)
					}
				}
				if err := post(client, os.Args[1]); err != nil {
					fmt.Println(err)
					os.Exit(1)
				}
			}(worker)
		}
		all.Wait()
	}
	fmt.Println("done")
}
