// Writes to standard output what BuildKit's own client library makes of small
// graphs: every kind of op and mount. See README.md.
package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"os"
	"slices"
	"time"

	"github.com/moby/buildkit/client/llb"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

const sum = digest.Digest("sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881")

type graph struct {
	name  string
	state llb.State
}

// op is one line of vectors.json.
type op struct {
	Graph  string   `json:"graph"`
	Digest string   `json:"digest"`
	Bytes  string   `json:"bytes"`
	Caps   []string `json:"caps"`
}

func main() {
	var lines []op
	for _, g := range slices.Concat(sources(), execs(), files(), layers(), metadata(), rareSources(), rareExecs(), owners()) {
		def, err := g.state.Marshal(context.Background(), llb.LinuxAmd64)
		if err != nil {
			log.Fatalf("%s: %v", g.name, err)
		}
		for _, dt := range def.Def {
			dgst := digest.FromBytes(dt)
			caps := []string{}
			for id := range def.Metadata[dgst].Caps {
				caps = append(caps, string(id))
			}
			slices.Sort(caps)
			lines = append(lines, op{g.name, dgst.String(), hex.EncodeToString(dt), caps})
		}
	}
	// One op a line, so that a change shows as a line.
	fmt.Println("[")
	for i, line := range lines {
		dt, err := json.Marshal(line)
		if err != nil {
			log.Fatal(err)
		}
		comma := ","
		if i == len(lines)-1 {
			comma = ""
		}
		fmt.Fprintf(os.Stdout, "%s%s\n", dt, comma)
	}
	fmt.Println("]")
}

func busybox(opts ...llb.ImageOption) llb.State {
	return llb.Image("docker.io/library/busybox:latest", opts...)
}

func model() llb.State {
	return llb.HTTP("https://example.com/model.bin", llb.Checksum(sum), llb.Filename("model.bin"), llb.Chmod(0o644))
}

func sources() []graph {
	return []graph{
		{"image", busybox()},
		{"image arm64", busybox(llb.LinuxArm64)},
		{"image arm v7", busybox(llb.LinuxArmhf)},
		{"image windows", busybox(llb.Platform(ocispecs.Platform{OS: "windows", Architecture: "amd64", OSVersion: "10.0.17763"}))},
		{"image pull", busybox(llb.ResolveModeForcePull)},
		{"image local", busybox(llb.ResolveModePreferLocal)},
		{"image checksum", busybox(llb.WithImageChecksum(sum))},
		{"oci layout", llb.OCILayout("docker.io/library/name@"+string(sum), llb.OCIStore("s1", "store"),
			llb.OCILayerLimit(3), llb.LinuxAmd64)},
		{"http", llb.HTTP("https://example.com/a", llb.Filename("a"))},
		{"http pinned", model()},
		{"http all", llb.HTTP("https://example.com/a", llb.Checksum(sum), llb.Filename("a"), llb.Chmod(0o600),
			llb.Chown(10001, 10002), llb.AuthHeaderSecret("hf"), llb.Header(llb.HTTPHeader{Accept: "application/json"}))},
		{"local", llb.Local("context", llb.SessionID("s1"))},
		{"local all", llb.Local("context", llb.SessionID("s1"), llb.IncludePatterns([]string{"*.py", "a&b"}),
			llb.ExcludePatterns([]string{".git", "<x>"}), llb.FollowPaths([]string{"modelcache.yaml"}),
			llb.SharedKeyHint("context"), llb.Differ(llb.DiffNone, true))},
		{"git", llb.Git("https://example.com/org/name.git", "")},
		{"git all", llb.Git("https://example.com/org/name.git", "main:sub/dir", llb.KeepGitDir(),
			llb.AuthTokenSecret("token"), llb.AuthHeaderSecret("header"), llb.GitChecksum("0123456789012345678901234567890123456789"))},
		{"git ssh", llb.Git("git@example.com:org/name.git", "v1", llb.KnownSSHHosts("example.com ssh-ed25519 AAAA"))},
	}
}

func execs() []graph {
	run := llb.Args([]string{"/bin/sh", "-c", "true"})
	out := busybox().Run(run, llb.ReadonlyRootFS()).AddMount("/out", llb.Scratch())

	bind := busybox().Run(run)
	second := bind.AddMount("/zz", busybox(llb.ResolveModeForcePull))
	bind.AddMount("/aa", model(), llb.Readonly)

	selector := busybox().Run(run, llb.ReadonlyRootFS())
	selector.AddMount("/in", llb.Local("context", llb.SessionID("s1")), llb.SourcePath("requirements.txt"), llb.Readonly)
	selected := selector.AddMount("/out", model(), llb.SourcePath("/sub"))

	cache := func(id string, mode llb.CacheMountSharingMode) llb.RunOption {
		return llb.AddMount("/cache/"+id, llb.Scratch(), llb.AsPersistentCacheDir(id, mode))
	}
	meta := busybox().Dir("/work").User("1000:1000").AddEnv("B", "2").AddEnv("A", "1=1").Hostname("builder").
		AddExtraHost("db", net.ParseIP("10.0.0.1")).AddUlimit(llb.UlimitNofile, 1024, 2048).WithCgroupParent("/builds")
	return []graph{
		{"exec", busybox().Run(run).Root()},
		{"exec scratch output", out},
		{"exec bind first output", bind.Root()},
		{"exec bind second output", second},
		{"exec selector", selected},
		{"exec cache", busybox().Run(run, cache("s", llb.CacheMountShared), cache("p", llb.CacheMountPrivate),
			cache("l", llb.CacheMountLocked)).Root()},
		{"exec secret", busybox().Run(run,
			llb.AddSecret("/run/secrets/z", llb.SecretID("z"), llb.SecretFileOpt(0, 0, 0o400), llb.SecretOptional),
			llb.AddSecret("/run/secrets/a", llb.SecretID("a"), llb.SecretFileOpt(0, 0, 0o444)),
			llb.AddSecret("TOKEN", llb.SecretID("t"), llb.SecretAsEnv(true), llb.SecretOptional)).Root()},
		{"exec tmpfs", busybox().Run(run, llb.AddMount("/tmp", llb.Scratch(), llb.Tmpfs()),
			llb.AddMount("/dev/shm", llb.Scratch(), llb.Tmpfs(llb.TmpfsSize(1<<20)))).Root()},
		{"exec network none", busybox().Network(llb.NetModeNone).Run(run).Root()},
		{"exec network host", busybox().Network(llb.NetModeHost).Run(run).Root()},
		{"exec insecure", busybox().Security(llb.SecurityModeInsecure).Run(run).Root()},
		{"exec meta", meta.Run(run, llb.WithProxy(llb.ProxyEnv{HTTPProxy: "http://p", HTTPSProxy: "http://q",
			FTPProxy: "http://r", NoProxy: "localhost", AllProxy: "http://s"})).Root()},
		{"exec arm64", busybox(llb.LinuxArm64).Run(run).Root()},
	}
}

func files() []graph {
	scratch := llb.Scratch()
	epoch := llb.WithCreatedTime(time.Unix(1_700_000_000, 0))
	owner := llb.WithUIDGID(10001, 10002)
	context := llb.Local("context", llb.SessionID("s1"))
	return []graph{
		{"file copy", scratch.File(llb.Copy(model(), "/model.bin", "/models/model.bin", &llb.CopyInfo{CreateDestPath: true}))},
		{"file copy all", busybox().File(llb.Copy(context, "/src/*", "/app/", &llb.CopyInfo{
			Mode: &llb.ChmodOpt{Mode: 0o755}, FollowSymlinks: true, CopyDirContentsOnly: true, CreateDestPath: true,
			AllowWildcard: true, AllowEmptyWildcard: true, IncludePatterns: []string{"*.py"},
			ExcludePatterns: []string{"*.pyc"}, RequiredPaths: []string{"main.py"}}, epoch, owner))},
		{"file copy unpack", scratch.File(llb.Copy(model(), "/model.bin", "/models/", &llb.CopyInfo{AttemptUnpack: true}))},
		{"file copy same tree", busybox().File(llb.Copy(busybox(), "/a", "/b"))},
		{"file mkdir", scratch.File(llb.Mkdir("/a/b", 0o755, llb.WithParents(true), epoch, owner))},
		{"file mkfile", scratch.File(llb.Mkfile("/a", 0o644, []byte("hi")))},
		{"file mkfile empty", scratch.File(llb.Mkfile("/a", 0o600, nil, epoch, llb.WithUIDGID(0, 0)))},
		{"file symlink", scratch.File(llb.Symlink("../blobs/x", "/snapshots/x", epoch, owner))},
		{"file rm", busybox().File(llb.Rm("/a").Rm("/b*", llb.WithAllowNotFound(true), llb.WithAllowWildcard(true)))},
		{"file chain", busybox().File(llb.Mkdir("/m", 0o755).
			Copy(model(), "/model.bin", "/m/1").
			Copy(context, "/", "/m/2", &llb.CopyInfo{CopyDirContentsOnly: true}).
			Copy(model(), "/model.bin", "/m/3").
			Mkfile("/m/4", 0o644, []byte{0, 255}).
			Symlink("4", "/m/5", epoch).
			Rm("/m/1"))},
	}
}

func layers() []graph {
	a := llb.Scratch().File(llb.Mkfile("/a", 0o644, []byte("a")))
	b := llb.Scratch().File(llb.Copy(model(), "/model.bin", "/b"))
	run := busybox().Run(llb.Args([]string{"true"}))
	return []graph{
		{"merge", llb.Merge([]llb.State{busybox(), a, b})},
		{"merge twice the same", llb.Merge([]llb.State{a, b, a})},
		{"diff", llb.Diff(busybox(), run.Root())},
		{"diff of scratch", llb.Diff(a, llb.Scratch())},
		{"merge of diff", llb.Merge([]llb.State{busybox(), llb.Diff(busybox(), run.Root()), a})},
	}
}

func metadata() []graph {
	run := llb.Args([]string{"true"})
	described := busybox(llb.WithCustomName("base")).Run(run, llb.IgnoreCache, llb.WithExportCache(),
		llb.ProgressGroup("g", "group", true), llb.WithDescription(map[string]string{"k": "v"})).Root()
	constrained := busybox(llb.Require("label==gpu")).Run(run, llb.Require("label==gpu")).Root()
	return []graph{{"described", described}, {"constrained", constrained}}
}

func rareSources() []graph {
	blob := "docker.io/library/name@" + string(sum)
	commit := llb.GitChecksum("0123456789012345678901234567890123456789")
	return []graph{
		{"image layers", busybox(llb.WithLayerLimit(2), llb.MarkImageInternal)},
		{"image blob", llb.ImageBlob(blob)},
		{"image blob all", llb.ImageBlob(blob, llb.Filename("model.bin"), llb.Chmod(0o644), llb.Chown(10001, 10002))},
		{"layout blob", llb.OCILayoutBlob(blob, llb.ImageBlobOCIStore("s1", "store"))},
		{"http signed", llb.HTTP("https://example.com/a", llb.Filename("a"), llb.VerifyPGPSignature(
			llb.HTTPSignatureInfo{PubKey: []byte("key"), Signature: []byte("signature")}))},
		{"local unique", llb.Local("context", llb.LocalUniqueID("u1"))},
		{"local metadata", llb.Local("context", llb.SessionID("s1"), llb.MetadataOnlyTransfer([]string{"*.py"}))},
		{"git rare", llb.Git("https://example.com/org/name.git", "main", llb.GitSkipSubmodules(), llb.GitMTimeCommit(),
			llb.GitAdvice(true), llb.GitFetchByCommit(), llb.GitCheckoutBundle(), commit)},
		{"git bundle", llb.Git("https://example.com/org/name.git", "", commit,
			llb.GitBundleURL("oci-layout+blob://store@"+string(sum), llb.GitBundleOCIStore("s1", "store")))},
		{"git ssh agent", llb.Git("git@example.com:org/name.git", "v1", llb.MountSSHSock("work"),
			llb.KnownSSHHosts("example.com ssh-ed25519 AAAA"))},
	}
}

func rareExecs() []graph {
	run := llb.Args([]string{"/bin/sh", "-c", "true"})
	return []graph{
		{"exec ssh", busybox().Run(run, llb.AddSSHSocket(llb.SSHID("z"), llb.SSHSocketTarget("/run/z"), llb.SSHOptional),
			llb.AddSSHSocket(llb.SSHID("a"), llb.SSHSocketOpt("/run/a", 1, 2, 0o666)),
			llb.AddSecret("/run/secrets/s", llb.SecretID("s"), llb.SecretFileOpt(1000, 1001, 0o440))).Root()},
		{"exec cache from", busybox().Run(run,
			llb.AddMount("/cache", model(), llb.SourcePath("/sub"), llb.AsPersistentCacheDir("c", llb.CacheMountShared)),
			llb.AddMount("/in", model(), llb.Readonly)).Root()},
		{"exec no output", busybox().Run(run, llb.AddMount("/aa", model(), llb.ForceNoOutput)).Root()},
		{"exec devices", busybox().Run(run, llb.AddCDIDevice(llb.CDIDeviceName("vendor.com/gpu=0")),
			llb.AddCDIDevice(llb.CDIDeviceName("vendor.com/tpu"), llb.CDIDeviceOptional), llb.ValidExitCodes(0, 3)).Root()},
		{"exec limits", busybox().Run(run, llb.WithLinuxResources(llb.LinuxResources{Memory: 1 << 30, MemorySwap: -1,
			CPUShares: 512, CPUPeriod: 100_000, CPUQuota: 50_000, CpusetCpus: "0-3", CpusetMems: "0"})).Root()},
	}
}

func owners() []graph {
	copied := &llb.CopyInfo{AlwaysReplaceExistingDestPaths: true}
	return []graph{
		{"file named owner", busybox().File(llb.Mkdir("/d", 0o755, llb.WithUser("app:staff")).
			Copy(model(), "/model.bin", "/m", copied, llb.WithUser("app:50")))},
		{"file user alone", busybox().File(llb.Mkdir("/d", 0o755, llb.WithUser("app")))},
	}
}
