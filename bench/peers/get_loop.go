// GETs one address over kept connections with net/http, on one processor, for some seconds. Prints
// the requests a second.
//
// usage: GOMAXPROCS=1 get_loop URL CONNECTIONS SECONDS
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	connections, _ := strconv.Atoi(os.Args[2])
	seconds, _ := strconv.ParseFloat(os.Args[3], 64)
	client := http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true}}
	until := time.Now().Add(time.Duration(seconds * float64(time.Second)))
	began := time.Now()
	var done, failed int64
	var all sync.WaitGroup
	for i := 0; i < connections; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for time.Now().Before(until) {
				answer, err := client.Get(os.Args[1])
				if err != nil {
					atomic.AddInt64(&failed, 1)
					continue
				}
				io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
				atomic.AddInt64(&done, 1)
			}
		}()
	}
	all.Wait()
	fmt.Printf("%.0f %d\n", float64(done)/time.Since(began).Seconds(), failed)
}
