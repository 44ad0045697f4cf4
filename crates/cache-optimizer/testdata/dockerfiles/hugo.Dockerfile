FROM golang:1.6
RUN go get github.com/stretchr/testify/assert \
	&& go get github.com/spf13/cobra
COPY . /go/src/github.com/spf13/hugo
WORKDIR /go/src/github.com/spf13/hugo
RUN go get -d -v
RUN go build -o hugo main.go
