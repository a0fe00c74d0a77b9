//go:build unix

package devpostgres

// Unpack is what makes a fetched package usable.
func Unpack(archive, dir string) error { return unpack(archive, dir) }

// VersionedDirs orders the directories of several installed versions.
func VersionedDirs(patterns ...string) []string { return versionedDirs(patterns...) }

// FetchedVersion is the version that is fetched when there is no other.
const FetchedVersion = fetchedVersion
