package channels

// ChannelChanged says that a channel was created or changed.
type ChannelChanged struct {
	ChannelID string `json:"channel_id"`
	Code      string `json:"code"`
}

// EventName implements the outbox's Event.
func (ChannelChanged) EventName() string { return "channels.channel_changed.v1" }
